namespace FastSim.Kernels.Fitting;

/// <summary>A number that looks drawn at random, but is the same for the same case on every machine and in any order of cases.</summary>
public static class CaseHash
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Hashes the numbers of a case.</summary>
    /// <param name="numbers">The numbers.</param>
    public static ulong Of(params ReadOnlySpan<double> numbers)
    {
        ulong hash = Basis;
        foreach (double number in numbers)
        {
            hash = Mix((hash ^ (ulong)BitConverter.DoubleToInt64Bits(number)) * Prime);
        }

        return hash;
    }

    /// <summary>Another hash from a hash.</summary>
    public static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 31)) * 0x7fb5d329728ea185;
        hash = (hash ^ (hash >> 27)) * 0x81dadef4bc2dd44d;
        return hash ^ (hash >> 33);
    }
}
