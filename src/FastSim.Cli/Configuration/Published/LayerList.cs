namespace FastSim.Cli.Configuration.Published;

/// <summary>Lists that say something of each layer.</summary>
internal static class LayerList
{
    /// <summary>The entries of a list, as many as there are layers.</summary>
    /// <param name="list">The list.</param>
    /// <param name="blocks">Layers.</param>
    /// <param name="expected">What it lists, in words.</param>
    /// <exception cref="ConfigurationException">It is no list, or one of another length.</exception>
    public static JsonValue[] Of(JsonValue list, int blocks, string expected)
    {
        JsonValue[] entries = list.List(expected);
        return entries.Length == blocks
            ? entries
            : throw list.Complaint($"as many entries as num_hidden_layers, {blocks}, not {entries.Length}");
    }
}
