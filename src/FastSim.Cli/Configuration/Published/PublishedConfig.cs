using System.Globalization;
using System.Text.Json;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// A Hugging Face <c>config.json</c> read field by field. It remembers which fields were read, which were missing and taken from the
/// architecture's own defaults, and what a reader should know besides.
/// </summary>
internal sealed class PublishedConfig(JsonObject json, JsonObject outer, Findings findings)
{
    /// <summary>Largest width or count: sums and products of a few stay exact.</summary>
    public const int MostOfAnything = 1 << 24;

    /// <summary>Most blocks: they are kept one by one.</summary>
    public const int MostBlocks = 1 << 16;

    /// <summary>Edits at most between a field that is missing and another that may be it, misspelt.</summary>
    private const int SlipOfKeys = 2;

    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> assumed = new(StringComparer.Ordinal);
    private readonly List<string> defaults = [];
    private readonly List<string> remarks = [];

    /// <summary>The whole file where the language model is a part of it, else the same as the fields read.</summary>
    public JsonObject Outer => outer;

    /// <summary>Counts of the architecture's class for fields that a file leaves out; none where nobody noted them.</summary>
    public IReadOnlyDictionary<string, int> ClassDefaults { get; init; } = new Dictionary<string, int>();

    /// <summary>Whether the language model is a part of the file: then what it leaves out, even a width, is what its class says.</summary>
    private bool IsPart => !ReferenceEquals(json, outer);

    /// <summary>Fields taken from the architecture's defaults, with their values.</summary>
    public IReadOnlyList<string> Defaults => defaults;

    /// <summary>What of the model is not in the description.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>Blocks of the model, <c>num_hidden_layers</c>.</summary>
    public int Blocks => Has("num_hidden_layers") ? this["num_hidden_layers"].Integer(1, MostBlocks) : Count("num_hidden_layers");

    /// <summary>A field as it stands.</summary>
    public JsonValue this[string field]
    {
        get
        {
            string name = NameOf(field);
            read.Add(name);
            return json[name];
        }
    }

    /// <summary>Says what an architecture calls a field that others have under another name; its files may have it under either, but not say two things.</summary>
    /// <param name="field">The usual name.</param>
    /// <param name="here">The architecture's own.</param>
    public void Call(string field, string here)
    {
        if (json.Has(field) && json.Has(here) && json[field].Element.GetRawText() != json[here].Element.GetRawText())
        {
            throw json[field].Complaint($"the same as {here}, {json[here].Element.GetRawText()}");
        }

        if (!json.Has(field))
        {
            names[field] = here;
        }

        read.Add(here);
    }

    public bool Has(string field) => !this[field].IsNull;

    /// <summary>Whether a field is not there at all, rather than null.</summary>
    public bool LeavesOut(string field) => this[field].Element.ValueKind == JsonValueKind.Undefined;

    /// <summary>Notes that a field says nothing here that costs anything.</summary>
    public void Skip(string field) => read.Add(field);

    /// <summary>Passes over a field that the architecture's class does not go by, and says so where it contradicts what the class has.</summary>
    /// <param name="field">The field.</param>
    /// <param name="usual">What the class has whatever the field says; 0 for nothing, as false.</param>
    public void Ignore(string field, int usual = 0)
    {
        JsonValue value = this[field];
        bool agrees = value.IsNull
            || (value.Element.ValueKind == JsonValueKind.False && usual == 0)
            || (value.Element.ValueKind == JsonValueKind.Number && value.Element.TryGetDouble(out double number) && number == usual);
        if (!agrees)
        {
            findings.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.File}: {NameOf(field)}: not used: models of this architecture have {(usual == 0 ? "none" : usual)} whatever it says"));
        }
    }

    /// <summary>Passes over a switch that no reader asked for, of a part that the architecture's class has, or has not, by itself; says so where the file says the opposite.</summary>
    /// <param name="field">The switch.</param>
    /// <param name="part">The part, in words.</param>
    /// <param name="has">Whether the class has it.</param>
    public void Inherent(string field, string part, bool has)
    {
        JsonValue value = json[field];
        if (value.Element.ValueKind is not (JsonValueKind.True or JsonValueKind.False) || !read.Add(field) || value.Boolean() == has)
        {
            return;
        }

        findings.Warn($"{value.File}: {field}: not used: models of this architecture {(has ? "always" : "never")} have {part}, whatever it says");
    }

    /// <summary>A count or width that must be there, or that the architecture's default stood in for before.</summary>
    public int Count(string field, int least = 1)
    {
        JsonValue value = this[field];
        if (value.IsNull && assumed.TryGetValue(field, out int stated))
        {
            return stated;
        }

        if (LeavesOut(field) && IsPart && ClassDefaults.TryGetValue(field, out int usual) && Misspelt(field) is null)
        {
            return Count(field, usual, least);
        }

        return value.IsNull
            ? throw value.Complaint(string.Create(CultureInfo.InvariantCulture, $"an integer of at least {least}"), NearestName.Of(NameOf(field), json.Keys))
            : value.Integer(least, MostOfAnything);
    }

    /// <summary>A count or width with the architecture's default.</summary>
    public int Count(string field, int missing, int least)
    {
        if (Has(field))
        {
            return Count(field, least);
        }

        if (assumed.TryAdd(field, missing))
        {
            Default(NameOf(field), missing.ToString(CultureInfo.InvariantCulture));
        }

        return missing;
    }

    /// <summary>A count that the class has a number for where the field is missing, not null.</summary>
    /// <param name="field">The field.</param>
    /// <param name="otherwise">What stands in for it where the class has none, or it is null.</param>
    public int ClassCount(string field, int otherwise) =>
        Count(field, LeavesOut(field) ? ClassDefaults.GetValueOrDefault(field, otherwise) : otherwise, least: 1);

    /// <summary>A switch with the architecture's default.</summary>
    public bool Switch(string field, bool missing)
    {
        if (Has(field))
        {
            return this[field].Boolean();
        }

        return missing;
    }

    /// <summary>Notes that a field was missing and what stands in for it.</summary>
    public void Default(string field, string value) => defaults.Add($"{field} {value}");

    /// <summary>Notes what of the model is not in the description.</summary>
    public void Remark(string remark) => remarks.Add(remark);

    /// <summary>Warns of something in the file or beside it.</summary>
    public void Warn(string warning) => findings.Warn(warning);

    /// <summary>Refuses a field whose value says something the cost model has no operators for.</summary>
    public void Refuse(string field, string reason) => throw this[field].Complaint(reason);

    /// <summary>Refuses the first field that nobody read and nobody knows to be without cost.</summary>
    public void RefuseUnread()
    {
        if (Unread() is [{ } unknown, ..])
        {
            throw json[unknown].Complaint("no such field: what it changes in a model of this architecture is not known here");
        }
    }

    /// <summary>Warns of the fields that nobody read and nobody knows to be without cost.</summary>
    public void WarnOfUnread()
    {
        string[] unknown = Unread();
        if (unknown.Length > 0)
        {
            findings.Warn($"{json[unknown[0]].File}: not used, since not known to change what the model costs: {string.Join(", ", unknown)}");
        }
    }

    private string NameOf(string field) => names.GetValueOrDefault(field, field);

    private string? Misspelt(string field) =>
        NearestName.Of(field, json.Keys.Where(key => !read.Contains(key) && !FieldsWithoutCost.Has(key)), SlipOfKeys);

    private string[] Unread() => [.. json.Keys.Where(field => !read.Contains(field) && !FieldsWithoutCost.Has(field) && SaysSomething(json[field]))];

    /// <summary>Null, and an empty list or object, say nothing of a model.</summary>
    private static bool SaysSomething(JsonValue value) => value.Element.ValueKind switch
    {
        JsonValueKind.Array => value.Element.GetArrayLength() > 0,
        JsonValueKind.Object => value.Element.EnumerateObject().Any(),
        _ => !value.IsNull,
    };
}
