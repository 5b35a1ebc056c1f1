using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodeObject = System.Text.Json.Nodes.JsonObject;

namespace FastSim.Cli.Configuration;

/// <summary>
/// A system's document with what it <c>extends</c>: keys of the other system that it does not state are its own, objects key by key, values
/// and lists whole, or of a list some places by an object of them; <c>null</c> takes a key away. Operators that come from the other system are marked as carried from it (docs/file-formats.md, "System").
/// </summary>
internal static class SystemDocument
{
    /// <summary>The key that names the other system.</summary>
    public const string Extends = "extends";

    private const int MostBases = 8;
    private const int MostNear = 3;
    private const string Operators = "operators";
    private const string CarriedFrom = "carried_from";
    private const string LearnedEfficiency = "efficiency_model";

    /// <summary>Reads a system's file, and those that it extends.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <exception cref="ConfigurationException">One cannot be read, is no whole system, or comes round to itself.</exception>
    public static JsonElement Load(string file) => Whole(new JsonValue(file, "", JsonText.Load(file)), []);

    /// <summary>A system that stands in another document, with those that it extends.</summary>
    /// <param name="held">The system.</param>
    /// <exception cref="ConfigurationException">One cannot be read, is no whole system, or comes round to itself.</exception>
    public static JsonElement Whole(JsonValue held) => Whole(held, []);

    private static JsonElement Whole(JsonValue root, HashSet<string> extending)
    {
        (string file, JsonElement own) = (root.File, root.Element);
        bool isHeld = root.Path.Length > 0;
        if (own.ValueKind != JsonValueKind.Object || JsonObject.Of(root, "a system: an object") is not { } json || !json.Has(Extends))
        {
            return own;
        }

        string name = json[Extends].Text("the path of the system that this one extends");
        string beside = Path.Combine(Path.GetDirectoryName(file) ?? "", name);
        string baseFile = isHeld && InputFile.Exists(name) ? name : beside;
        if (!InputFile.Exists(baseFile))
        {
            throw json[Extends].Complaint(
                $"the path of the system that this one extends, from {(isHeld ? "the working directory or " : "")}this file's folder; there is no such file", NearestChip.Several(name, Siblings(file), MostNear));
        }

        if (!isHeld)
        {
            extending.Add(Path.GetFullPath(file));
        }

        if (extending.Contains(Path.GetFullPath(baseFile)))
        {
            throw json[Extends].Complaint("a system that does not extend this one in turn");
        }

        if (extending.Count > MostBases)
        {
            throw json[Extends].Complaint($"at most {MostBases} systems that extend each other");
        }

        ExtendedSystem extended = extending.Count <= 1 && CommandFiles.Current.Parsed is { } parsed
            ? parsed.Get(Path.GetFullPath(baseFile), baseFile, new Findings(allowUnknownKeys: false), _ => Extended(baseFile, extending), _ => true)
            : Extended(baseFile, extending);
        NodeObject merged = NodeOf(extended.Document);
        Merge(merged, root);
        merged.Remove(Extends);
        MarkCarried(merged, json, extended.Name);
        KeepPath(merged, json, file, baseFile);
        return JsonSerializer.SerializeToElement<JsonNode>(merged, JsonNodeContext.Default.JsonNode);
    }

    /// <summary>The other system. A fault of it is told of its file: what is merged is told of this one.</summary>
    private static ExtendedSystem Extended(string file, HashSet<string> extending)
    {
        JsonElement document = Whole(new JsonValue(file, "", JsonText.Load(file)), extending);
        return new ExtendedSystem(document, SystemFile.Read(new JsonValue(file, "", document), new Findings(allowUnknownKeys: false), models: null).Name);
    }

    private static void Merge(NodeObject into, JsonValue over)
    {
        // Reads the object as every object is read: no key twice.
        JsonObject.Of(over, "an object");
        foreach (JsonProperty member in over.Element.EnumerateObject())
        {
            string path = over.Path.Length == 0 ? member.Name : $"{over.Path}.{member.Name}";
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                // A key that is not there stays, so that a misspelt one is told.
                if (!into.Remove(member.Name))
                {
                    into[member.Name] = null;
                }
            }
            else if (member.Value.ValueKind == JsonValueKind.Object && into[member.Name] is NodeObject both)
            {
                Merge(both, new JsonValue(over.File, path, member.Value));
            }
            else if (member.Value.ValueKind == JsonValueKind.Object && into[member.Name] is JsonArray places)
            {
                MergePlaces(places, new JsonValue(over.File, path, member.Value));
            }
            else
            {
                into[member.Name] = member.Value.ValueKind == JsonValueKind.Object ? NodeOf(member.Value) : JsonNode.Parse(member.Value.GetRawText());
            }
        }
    }

    /// <summary>An object in the place of a list says what differs in some of the list's places: <c>{"1": {"bandwidth": 100}}</c> of networks.</summary>
    private static void MergePlaces(JsonArray places, JsonValue over)
    {
        JsonObject json = JsonObject.Of(over, "an object");
        foreach (string key in json.Keys)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int place) || (key[0] == '0' && key.Length > 1) || place >= places.Count || places[place] is not NodeObject there)
            {
                throw ConfigurationException.At(
                    over.File, $"{over.Path}.{key}", $"\"{key}\"", $"a list, or an object whose keys are places of the extended list, 0 to {places.Count - 1}");
            }

            if (json[key].Element.ValueKind != JsonValueKind.Object)
            {
                throw json[key].Complaint("what differs in that place: an object");
            }

            Merge(there, json[key]);
        }
    }

    /// <summary>An object that can be changed; of a comment that stands twice the last.</summary>
    private static NodeObject NodeOf(JsonElement element)
    {
        NodeObject node = [];
        foreach (JsonProperty member in element.EnumerateObject())
        {
            node[member.Name] = member.Value.ValueKind == JsonValueKind.Object ? NodeOf(member.Value) : JsonNode.Parse(member.Value.GetRawText());
        }

        return node;
    }

    private static void MarkCarried(NodeObject merged, JsonObject own, string baseName)
    {
        bool statesOrigin = own.Has(Operators) && own[Operators].Element.ValueKind == JsonValueKind.Object
            && JsonObject.Of(own[Operators], "an object").Has(CarriedFrom);
        if (merged[Operators] is NodeObject operators && !statesOrigin && operators[CarriedFrom] is null)
        {
            operators[CarriedFrom] = baseName;
        }
    }

    /// <summary>A path that the other system states from its own folder is stated from this one's.</summary>
    private static void KeepPath(NodeObject merged, JsonObject own, string file, string baseFile)
    {
        if (own.Has(LearnedEfficiency) || merged[LearnedEfficiency]?.GetValueKind() != JsonValueKind.String)
        {
            return;
        }

        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(baseFile))!, merged[LearnedEfficiency]!.GetValue<string>());
        if (File.Exists(beside))
        {
            merged[LearnedEfficiency] = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(file))!, beside);
        }
    }

    private static IEnumerable<string> Siblings(string file)
    {
        string own = Path.GetFullPath(file);
        return JsonFiles.In(Path.GetDirectoryName(own)!).Where(path => path != own).Select(path => Path.GetFileName(path));
    }

    /// <summary>A system that others extend.</summary>
    /// <param name="Document">Its document, with those that it extends itself.</param>
    /// <param name="Name">Its name.</param>
    private sealed record ExtendedSystem(JsonElement Document, string Name);
}
