namespace FastSim.Search.Surrogates;

/// <summary>Names that a learned efficiency's ONNX file and the program agree on (docs/surrogate.md, "The contract").</summary>
internal static class OnnxContract
{
    /// <summary>Input: number of the family, one 64-bit integer.</summary>
    public const string Family = "family";

    /// <summary>Input: features, a row an operator.</summary>
    public const string Features = "features";

    /// <summary>Output, a row an operator: by version 1 efficiency and latency floor in microseconds, by version 2 logarithm of microseconds and half width of its interval.</summary>
    public const string Answers = "timing";

    /// <summary>Metadata: version of the contract, features and answers.</summary>
    public const string Version = "fastsim.features";

    /// <summary>
    /// Value of <see cref="Version"/> in a model of version 2. Of 2, marks and components of products and experts meant something else, of 2.1 those of attention, of 2.2 those of decode attention and
    /// products, of 2.3 those of weights alone and of latent products.
    /// </summary>
    public const string VersionTwo = "2.4";

    /// <summary>Metadata of a family: least and most of the first answer, least and most of the second.</summary>
    public const string RangePrefix = "fastsim.range.";

    /// <summary>Metadata of a family: least and most of each feature in training.</summary>
    public const string HullPrefix = "fastsim.hull.";

    /// <summary>Metadata of a family, version 2: half width above which an answer counts as beyond training.</summary>
    public const string BeyondPrefix = "fastsim.beyond.";

    /// <summary>Metadata of a family and slot, version 2: parameters of the timing form among its features.</summary>
    public const string FormPrefix = "fastsim.form.";

    /// <summary>Metadata of a timing form's family and kind, version 2: its parameters, for launches that are of none of the model's families.</summary>
    public const string TimingPrefix = "fastsim.timing.";

    /// <summary>Metadata, version 2: at which rates timing forms meet a chip; nothing for its peaks.</summary>
    public const string FormRates = "fastsim.form_rates";

    /// <summary>Value of <see cref="FormRates"/>: those that the chip holds.</summary>
    public const string Held = "held";

    /// <summary>Beginnings of metadata that only version 2 has: a model of version 1 that states one asks for what it does not get.</summary>
    public static readonly string[] OfVersionTwo = [BeyondPrefix, FormPrefix, FormRates, TimingPrefix];

    /// <summary>Range of a family whose answers follow their components, however long: from below a femtosecond to beyond any age.</summary>
    public const string AnyTime = "-20 60 0 60";

    /// <summary>Answers a row.</summary>
    public const int AnswersPerRow = 2;
}
