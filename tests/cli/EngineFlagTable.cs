using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What commands and settings of an engine take, by the tables of <c>data/engines</c>: judges words that are to be a value, and settings by path.</summary>
internal sealed class EngineFlagTable
{
    private readonly JsonNode document;

    public EngineFlagTable(string engine)
    {
        document = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "engines", $"{engine}.json")))!;
        Assert.Equal(engine, (string?)document["engine"]);
    }

    public string Version => (string)document["version"]!;

    public string Image => (string)document["image"]!;

    /// <summary>Judges a command line, and returns its flags, the values of each with blanks between.</summary>
    public Dictionary<string, string> Judge(IReadOnlyList<string> words)
    {
        JsonNode command = Commands.Where(command => At(words, Name(command)) >= 0).MaxBy(command => Name(command).Length)
            ?? throw new InvalidOperationException($"no command of the table in {string.Join(' ', words)}");
        string[] rest = [.. words.Skip(At(words, Name(command)) + Name(command).Split(' ').Length)];
        Dictionary<string, JsonNode> flags = command["flags"]!.AsArray().ToDictionary(flag => (string)flag!["name"]!, flag => flag!);
        Dictionary<string, string> found = [];
        int place = 0;
        int positional = 0;
        while (place < rest.Length)
        {
            string word = rest[place++];
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                positional++;
                continue;
            }

            Assert.True(flags.TryGetValue(word, out JsonNode? flag), $"{word} is no flag of {Name(command)}");
            List<string> values = [];
            while (place < rest.Length && !rest[place].StartsWith("--", StringComparison.Ordinal))
            {
                values.Add(rest[place++]);
            }

            bool isRepeatable = flag!["repeatable"] is not null;
            Assert.True(found.TryAdd(isRepeatable ? $"{word} {found.Count}" : word, string.Join(' ', values)), $"{word} stands twice");
            JudgeCount(word, flag, values.Count);
            foreach (string value in values)
            {
                JudgeValue(word, flag, value);
                JudgeJson(command, word, value);
            }
        }

        Assert.Equal((int)command["positional"]!, positional);
        return found;
    }

    /// <summary>Judges a setting of the YAML that a command reads.</summary>
    public void JudgeSetting(string command, string path, string value, bool isQuoted) => JudgeKey(
        Commands.Single(candidate => Name(candidate) == command)["yaml"]!.AsArray(), path, value, isQuoted);

    /// <summary>Judges a key of a container's file, where names of tables may stand for any.</summary>
    public static void JudgeContainer(string form, string path, string value, bool isQuoted) => JudgeKey(
        JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "engines", "containers.json")))![form]!["keys"]!.AsArray(), path, value, isQuoted);

    private IEnumerable<JsonNode> Commands => document["commands"]!.AsArray().Select(command => command!);

    private static string Name(JsonNode command) => (string)command["command"]!;

    private static int At(IReadOnlyList<string> words, string command)
    {
        string[] wanted = command.Split(' ');
        for (int start = 0; start + wanted.Length <= words.Count; start++)
        {
            if (wanted.SequenceEqual(words.Skip(start).Take(wanted.Length).Select((word, place) => place == 0 ? word.Split('/')[^1] : word)))
            {
                return start;
            }
        }

        return -1;
    }

    private static void JudgeCount(string word, JsonNode flag, int count)
    {
        (int fewest, int most) = (string?)flag["values"] switch
        {
            "one-or-more" => (1, int.MaxValue),
            "1-2" => (1, 2),
            _ => (string?)flag["value"] == "none" ? (0, 0) : (1, 1),
        };
        Assert.True(count >= fewest && count <= most, $"{word} has {count} values");
    }

    private static void JudgeValue(string word, JsonNode entry, string value)
    {
        string kind = (string)entry["value"]!;
        bool isGood = kind switch
        {
            "integer" => value is "${LWS_WORKER_INDEX}" || value.StartsWith("$((LWS_WORKER_INDEX *", StringComparison.Ordinal) || long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "number" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            "boolean" => value is "true" or "false",
            "choice" => entry["choices"]!.AsArray().Any(choice => (string)choice! == value),
            "json" => JsonNode.Parse(value) is JsonObject,
            "text" or "text-list" or "object-or-path" => value.Length > 0,
            _ => false,
        };
        Assert.True(isGood, $"{word} takes {kind}, not {value}");
    }

    private static void JudgeJson(JsonNode command, string word, string value)
    {
        if (command["json"] is not JsonArray known || !value.StartsWith('{'))
        {
            return;
        }

        foreach ((string key, JsonNode? content) in JsonNode.Parse(value)!.AsObject())
        {
            JsonNode? entry = known.FirstOrDefault(entry => (string)entry!["flag"]! == word && (string)entry["name"]! == key);
            Assert.True(entry is not null, $"{word} has no key {key}");
            Assert.Equal((string)entry!["value"]! == "integer", content!.GetValueKind() == JsonValueKind.Number);
            JudgeValue($"{word} {key}", entry, content.ToString());
        }
    }

    private static void JudgeKey(JsonArray keys, string path, string value, bool isQuoted)
    {
        JsonNode? entry = keys.FirstOrDefault(key => Fits((string)key!["name"]!, path));
        Assert.True(entry is not null, $"{path} is no key of the table");
        JudgeValue(path, entry!, value);

        // A quoted number is a text to YAML.
        string kind = (string)entry!["value"]!;
        Assert.True(isQuoted == kind is not ("integer" or "number" or "boolean"), $"{path}: {value} is{(isQuoted ? "" : " not")} quoted, {kind} is asked for");
    }

    /// <summary>Whether a path is of a name of the table, where a star stands for any part, and a list's items for the list.</summary>
    private static bool Fits(string name, string path) => Regex.IsMatch(
        path,
        $"^{Regex.Escape(name).Replace("\\*", "[^.]+", StringComparison.Ordinal).Replace("\\[]", "\\[\\]", StringComparison.Ordinal)}(\\[\\])?$");
}
