using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastSim.Cli.Configuration;

/// <summary>What a document is to a run.</summary>
internal enum InputRole
{
    /// <summary>The runtime file.</summary>
    Runtime,

    /// <summary>A model.</summary>
    Model,

    /// <summary>A system that prefills in a phase of its own.</summary>
    PrefillSystem,

    /// <summary>A system that decodes, or the only one of fusion.</summary>
    DecodeSystem,
}

/// <summary>A value that takes the place of a document's own.</summary>
/// <param name="Path">Where.</param>
/// <param name="Value">The value; null writes null.</param>
internal readonly record struct InputEdit(SweepPath Path, double? Value);

/// <summary>The documents of a run as a group of variants sees them: as they lie on disk, but for some values.</summary>
/// <param name="edits">The values.</param>
internal sealed class InputDocuments(IReadOnlyList<InputEdit> edits)
{
    private readonly Dictionary<string, JsonElement>? known;

    /// <summary>Documents that are read from disk once for many groups.</summary>
    public InputDocuments(IReadOnlyList<InputEdit> edits, Dictionary<string, JsonElement> cache)
        : this(edits) => known = cache;

    /// <summary>Opens a document.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="role">What it is.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or lacks a place that an edit names.</exception>
    public JsonValue Open(string file, InputRole role) => Edited(new JsonValue(file, "", Load(file, role)), role);

    /// <summary>Reads a model or system; of one that earlier questions read, and that no edit concerns, what they read.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="role">What it is.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <param name="read">Reads its document.</param>
    /// <param name="keeps">Whether what was read may be kept for later questions.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public T Read<T>(InputSource source, InputRole role, Findings findings, Func<JsonValue, Findings, T> read, Func<T, bool> keeps)
        where T : class
    {
        // Documents of a sweep are kept as they were at its start, whatever becomes of the files.
        if (CommandFiles.Current.Parsed is not { } parsed || known is not null || edits.Any(edit => edit.Path.Concerns(role)))
        {
            return read(Open(source, role), findings);
        }

        string key = Path.GetFullPath(source.File) + (source.Held is { } held ? $"\0{held.Element.GetRawText()}" : "");
        return parsed.Get(key, $"{source.File}\0{source.Held?.Path}", findings, found => read(Open(source, role), found), keeps);
    }

    private JsonValue Open(InputSource source, InputRole role)
    {
        if (source.Held is not { } held)
        {
            return Open(source.File, role);
        }

        return Edited(role is InputRole.PrefillSystem or InputRole.DecodeSystem ? held with { Element = SystemDocument.Whole(held) } : held, role);
    }

    private JsonValue Edited(JsonValue document, InputRole role)
    {
        InputEdit[] own = [.. edits.Where(edit => edit.Path.Concerns(role))];
        if (own.Length == 0)
        {
            return document;
        }

        JsonNode root = JsonNode.Parse(document.Element.GetRawText(), documentOptions: JsonText.Options)!;
        foreach (InputEdit edit in own)
        {
            edit.Path.Write(root, edit.Value, document.File);
        }

        return document with { Element = JsonSerializer.SerializeToElement(root, JsonNodeContext.Default.JsonNode) };
    }

    private JsonElement Load(string file, InputRole role)
    {
        if (known is null)
        {
            return Read(file, role);
        }

        if (!known.TryGetValue(file, out JsonElement document))
        {
            document = Read(file, role);
            known[file] = document;
        }

        return document;
    }

    private static JsonElement Read(string file, InputRole role) =>
        role is InputRole.PrefillSystem or InputRole.DecodeSystem ? SystemDocument.Load(file) : JsonText.Load(file);
}

/// <summary>Writes edited documents without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonNodeContext : System.Text.Json.Serialization.JsonSerializerContext;
