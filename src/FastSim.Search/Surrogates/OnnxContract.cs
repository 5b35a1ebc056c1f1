namespace FastSim.Search.Surrogates;

/// <summary>Names that a learned efficiency's ONNX file and the program agree on (docs/surrogate.md, "The contract").</summary>
internal static class OnnxContract
{
    /// <summary>Input: number of the family, one 64-bit integer.</summary>
    public const string Family = "family";

    /// <summary>Input: features, a row an operator.</summary>
    public const string Features = "features";

    /// <summary>Output: efficiency and latency floor in microseconds, a row an operator.</summary>
    public const string Answers = "timing";

    /// <summary>Metadata: version of the features.</summary>
    public const string Version = "fastsim.features";

    /// <summary>Metadata of a family: least and most efficiency, least and most floor.</summary>
    public const string RangePrefix = "fastsim.range.";

    /// <summary>Metadata of a family: least and most of each feature in training.</summary>
    public const string HullPrefix = "fastsim.hull.";

    /// <summary>Answers a row.</summary>
    public const int AnswersPerRow = 2;
}
