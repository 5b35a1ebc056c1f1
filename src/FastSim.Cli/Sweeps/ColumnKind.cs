namespace FastSim.Cli.Sweeps;

/// <summary>What a column of a sweep's result holds.</summary>
internal enum ColumnKind
{
    /// <summary>Whole numbers.</summary>
    Whole,

    /// <summary>Numbers, some of which may be missing.</summary>
    Number,

    /// <summary>Texts.</summary>
    Text,
}
