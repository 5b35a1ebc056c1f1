using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>Tells the kinds of JSON files apart, so that one in the place of another is named as what it is.</summary>
internal static class DocumentKind
{
    /// <summary>A runtime.</summary>
    public const string Runtime = "a runtime file";

    /// <summary>A sweep.</summary>
    public const string Sweep = "a sweep file";

    /// <summary>A model, of either form.</summary>
    public const string Model = "a model file";

    /// <summary>A system.</summary>
    public const string System = "a system file";

    /// <summary>What commands read each kind.</summary>
    private static readonly (string Kind, string Use, string[] Keys)[] Kinds =
    [
        (Sweep, "fastsim sweep -c reads it", ["axes", "runtime"]),
        (Runtime, "fastsim run -c reads it", [.. RuntimeFile.ModeNames]),
        (System, "a runtime names it in sys_list", ["mem1", "matrix", "networks"]),
        (Model, "a runtime names it in model_list", ["attn_heads", "attn_type", "model_type", "architectures", "hidden_size"]),
    ];

    /// <summary>Refuses a document that is plainly of another kind than the one expected.</summary>
    /// <param name="root">The document.</param>
    /// <param name="expected">The kind.</param>
    /// <exception cref="ConfigurationException">It is of another kind.</exception>
    public static void Require(JsonValue root, string expected)
    {
        if (root.Element.ValueKind != JsonValueKind.Object || Has(root, Keys(expected)))
        {
            return;
        }

        foreach ((string kind, string use, string[] keys) in Kinds)
        {
            if (Has(root, keys))
            {
                throw new ConfigurationException($"{root.File}: found {kind}; expected {expected}; {use}");
            }
        }
    }

    private static string[] Keys(string kind) => Array.Find(Kinds, each => each.Kind == kind).Keys;

    private static bool Has(JsonValue root, string[] keys) =>
        Array.Exists(keys, key => root.Element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null);
}
