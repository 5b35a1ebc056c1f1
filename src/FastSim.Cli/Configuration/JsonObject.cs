using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>A JSON object read key by key: each key must be known, none may come twice, and those that start with <c>_</c> or <c>$</c> are comments.</summary>
internal sealed class JsonObject
{
    private const int MostKeys = 100_000;

    private readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    private readonly JsonValue self;

    private JsonObject(JsonValue self) => this.self = self;

    /// <summary>Keys that are not comments, in the file's order.</summary>
    public IEnumerable<string> Keys => members.Keys;

    public static JsonObject Of(JsonValue value, string expected)
    {
        if (value.Element.ValueKind != JsonValueKind.Object)
        {
            throw value.Complaint(expected);
        }

        if (value.Element.GetPropertyCount() > MostKeys)
        {
            throw value.Complaint($"at most {MostKeys} keys in one object");
        }

        JsonObject read = new(value);
        foreach (JsonProperty member in value.Element.EnumerateObject().Where(member => !IsComment(member.Name)))
        {
            if (!read.members.TryAdd(member.Name, member.Value))
            {
                throw ConfigurationException.At(value.File, read.PathOf(member.Name), "the key twice", "it once");
            }
        }

        return read;
    }

    /// <summary>Refuses keys that are not among <paramref name="known"/>, or warns of them where the user allowed unknown ones.</summary>
    public JsonObject Know(Findings findings, params ReadOnlySpan<string> known)
    {
        foreach (string key in members.Keys)
        {
            if (known.Contains(key))
            {
                continue;
            }

            string[] names = known.ToArray();
            string? nearest = NearestName.Of(key, names);
            ConfigurationException complaint = ConfigurationException.At(
                self.File,
                PathOf(key),
                "an unknown key",
                nearest is null ? $"one of {string.Join(", ", names)}" : "a key of this format",
                nearest);
            if (!findings.AllowUnknownKeys)
            {
                throw complaint;
            }

            findings.Warn(complaint.Message);
        }

        return this;
    }

    /// <summary>A value; undefined when the key is missing.</summary>
    public JsonValue this[string key] =>
        new(self.File, PathOf(key), members.TryGetValue(key, out JsonElement element) ? element : default);

    /// <summary>Whether a key is there with a value that is not null.</summary>
    public bool Has(string key) => !this[key].IsNull;

    public JsonObject Object(string key, string expected) => Of(this[key], expected);

    public double Number(string key, NumberRule rule, double? missing = null) =>
        missing is { } value && this[key].IsNull ? value : this[key].Number(rule);

    public int Integer(string key, int least, int most = int.MaxValue, int? missing = null) =>
        missing is { } value && this[key].IsNull ? value : this[key].Integer(least, most);

    public bool Boolean(string key, bool missing) => this[key].IsNull ? missing : this[key].Boolean();

    private static bool IsComment(string key) => key.StartsWith('_') || key.StartsWith('$');

    private string PathOf(string key) => self.Path.Length == 0 ? key : $"{self.Path}.{key}";
}
