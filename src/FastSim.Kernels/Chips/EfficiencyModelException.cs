namespace FastSim.Kernels.Chips;

/// <summary>A learned efficiency gave an answer that it may not give, or cannot be used.</summary>
public sealed class EfficiencyModelException : Exception
{
    /// <summary>An empty complaint.</summary>
    public EfficiencyModelException()
    {
    }

    /// <summary>A complaint.</summary>
    public EfficiencyModelException(string message)
        : base(message)
    {
    }

    /// <summary>A complaint with its cause.</summary>
    public EfficiencyModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
