namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Modules that a quantization leaves in the model's own type, under any of the names that quantizers have for the list.</summary>
internal static class Spared
{
    /// <summary>Names of the list where it holds parts of modules' names.</summary>
    public static readonly string[] Keys = ["modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules"];

    /// <summary>The modules, by <see cref="Keys"/> and any further names.</summary>
    public static IEnumerable<NamedFormat> In(JsonObject quantization, NameMeaning meaning = NameMeaning.Parts, params ReadOnlySpan<string> further)
    {
        string[] keys = [.. Keys, .. further];
        return keys.Where(quantization.Has).Select(key => new NamedFormat(ModuleMatcher.Of(meaning, quantization[key]), null)).ToArray();
    }
}
