namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of blocks with a state that several architectures share.</summary>
internal static class StateFields
{
    /// <summary>Kernels keep a state in 32 bits where nothing says otherwise.</summary>
    private const double UsualBytes = 4;
    private const int UsualExpansion = 2;

    private static readonly Dictionary<string, double> TypeBytes = new()
    {
        ["float32"] = UsualBytes,
        ["bfloat16"] = 2,
        ["float16"] = 2,
    };

    /// <summary>Width of what keeps a state where it is a multiple of the hidden size, <c>mamba_expand</c> times as wide.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="ConfigurationException">It is wider than anything may be.</exception>
    public static int InnerWidth(PublishedConfig config)
    {
        const string Field = "mamba_expand";
        int hidden = config.Count("hidden_size");
        int expand = config.Count(Field, missing: UsualExpansion, least: 1);
        if ((long)expand * hidden > PublishedConfig.MostOfAnything)
        {
            config.Refuse(Field, $"at most {PublishedConfig.MostOfAnything / hidden}, since hidden_size is {hidden}");
        }

        return expand * hidden;
    }

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
