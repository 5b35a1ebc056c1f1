namespace FastSim.Kernels.Launches;

/// <summary>Where in a table of a power of two a launch's shape, or a number alone, has its place.</summary>
internal static class ShapeHash
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>A place by one number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="bits">The table's power of two.</param>
    public static int PlaceOf(double number, int bits) => (int)((BitConverter.DoubleToUInt64Bits(number) * Golden) >> (64 - bits));

    /// <summary>A place by four of its numbers.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="third">The third.</param>
    /// <param name="fourth">The fourth.</param>
    /// <param name="bits">The table's power of two.</param>
    public static int PlaceOf(double first, double second, double third, double fourth, int bits)
    {
        ulong hash = BitConverter.DoubleToUInt64Bits(first);
        hash = (hash * Golden) ^ BitConverter.DoubleToUInt64Bits(second);
        hash = (hash * Golden) ^ BitConverter.DoubleToUInt64Bits(third);
        hash = (hash * Golden) ^ BitConverter.DoubleToUInt64Bits(fourth);
        return (int)(((hash ^ (hash >> 32)) * Golden) >> (64 - bits));
    }
}
