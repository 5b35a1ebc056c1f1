namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of blocks with a state that several architectures share.</summary>
internal static class StateFields
{
    /// <summary>Kernels keep a state in 32 bits where nothing says otherwise.</summary>
    private const double UsualBytes = 4;

    private static readonly Dictionary<string, double> TypeBytes = new()
    {
        ["float32"] = UsualBytes,
        ["bfloat16"] = 2,
        ["float16"] = 2,
    };

    /// <summary>Bytes of an element of the state.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="field">The field that says its data type.</param>
    public static double Bytes(PublishedConfig config, string field)
    {
        if (config.Has(field))
        {
            return config[field].Word("a data type of the state", TypeBytes);
        }

        config.Default(field, "float32");
        return UsualBytes;
    }
}
