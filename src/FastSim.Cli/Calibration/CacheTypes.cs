namespace FastSim.Cli.Calibration;

/// <summary>Data types of measured key-value caches.</summary>
internal static class CacheTypes
{
    /// <summary>Bytes an element.</summary>
    public static double Bytes(string type) => IsEightBits(type) ? 1 : 2;

    /// <summary>Whether it has 8 bits.</summary>
    public static bool IsEightBits(string type) => type.StartsWith("fp8", StringComparison.Ordinal) || type is "int8";
}
