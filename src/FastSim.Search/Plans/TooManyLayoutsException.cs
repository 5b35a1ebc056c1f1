namespace FastSim.Search.Plans;

/// <summary>A job whose layouts are more than a search can hold; the message says what to state so that they are fewer.</summary>
public sealed class TooManyLayoutsException : Exception
{
    /// <summary>An empty complaint.</summary>
    public TooManyLayoutsException()
    {
    }

    /// <summary>A complaint in full.</summary>
    public TooManyLayoutsException(string message)
        : base(message)
    {
    }

    /// <summary>A complaint in full, with its cause.</summary>
    public TooManyLayoutsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
