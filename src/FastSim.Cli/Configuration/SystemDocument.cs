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
    public static JsonElement Load(string file) => Load(file, []);

    private static JsonElement Load(string file, HashSet<string> extending)
    {
        JsonElement own = JsonText.Load(file);
        JsonValue root = new(file, "", own);
        if (own.ValueKind != JsonValueKind.Object || JsonObject.Of(root, "a system: an object") is not { } json || !json.Has(Extends))
        {
            return own;
        }

        string name = json[Extends].Text("the path of the system that this one extends");
        string baseFile = Path.Combine(Path.GetDirectoryName(file) ?? "", name);
        if (!File.Exists(baseFile))
        {
            throw json[Extends].Complaint(
                "the path of the system that this one extends, from this file's folder; there is no such file", NearestChip.Several(name, Siblings(file), MostNear));
        }

        extending.Add(Path.GetFullPath(file));
        if (extending.Contains(Path.GetFullPath(baseFile)))
        {
            throw json[Extends].Complaint("a system that does not extend this one in turn");
        }

        if (extending.Count > MostBases)
        {
            throw json[Extends].Complaint($"at most {MostBases} systems that extend each other");
        }

        JsonElement extended = Load(baseFile, extending);

        // A fault of the other system is told of that file: what is merged is told of this one.
        string baseName = SystemFile.Read(new JsonValue(baseFile, "", extended), new Findings(allowUnknownKeys: false), models: null).Name;
        NodeObject merged = NodeOf(extended);
        Merge(merged, root);
        merged.Remove(Extends);
        MarkCarried(merged, json, baseName);
        KeepPath(merged, json, file, baseFile);
        return JsonSerializer.SerializeToElement<JsonNode>(merged, JsonNodeContext.Default.JsonNode);
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
}
