using System.Runtime.InteropServices;

namespace FastSim.Kernels.Roofline;

/// <summary>Numbers that start where a line of the cache does, so that no vector of lanes lies across two.</summary>
internal static class AlignedCells
{
    /// <summary>Bytes of a line.</summary>
    private const int Line = 64;

    /// <summary>An array, longer by a line, that stays in its place, and the first of its cells to use.</summary>
    /// <param name="count">Numbers.</param>
    public static (double[] Cells, int First) Of(int count)
    {
        double[] cells = GC.AllocateArray<double>(count + (Line / sizeof(double)), pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(cells, 0);
        return (cells, (int)(-address & (Line - 1)) / sizeof(double));
    }
}
