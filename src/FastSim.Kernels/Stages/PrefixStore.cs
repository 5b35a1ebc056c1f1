namespace FastSim.Kernels.Stages;

/// <summary>Where the cached prefixes of prompts are kept until a prompt finds one.</summary>
public enum PrefixLocation
{
    /// <summary>In the first memory, where attention reads it as part of its cache: nothing is fetched, nothing is kept twice.</summary>
    FirstMemory,

    /// <summary>In the card's second memory.</summary>
    SecondMemory,

    /// <summary>Away from the card, over a link of its own.</summary>
    Remote,
}

/// <summary>A store of prefixes.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="RemoteBytesPerSecond">Bytes/s a card fetches from a remote one; not used otherwise.</param>
public readonly record struct PrefixStore(PrefixLocation Location, double RemoteBytesPerSecond = 0)
{
    /// <summary>Prefixes are kept where attention reads them.</summary>
    public static PrefixStore FirstMemory => default;
}
