using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Lanes;

/// <summary>How many lanes one vector of the kernel holds. Every width gives the same bits.</summary>
public enum LaneWidth
{
    /// <summary>One lane at a time.</summary>
    Scalar = 1,

    /// <summary>Two lanes, 128 bits.</summary>
    Bits128 = 2,

    /// <summary>Four lanes, 256 bits.</summary>
    Bits256 = 4,

    /// <summary>Eight lanes, 512 bits.</summary>
    Bits512 = 8,
}

/// <summary>The widths, and which this machine runs best.</summary>
public static class LaneWidths
{
    /// <summary>How often a number stands in memory where lanes of any width load it (<see cref="ILanes{TSelf}.LoadCopies"/>).</summary>
    internal const int Copies = (int)LaneWidth.Bits512;

    /// <summary>Every width, widest first. All run everywhere: where the machine lacks one, the runtime emulates it.</summary>
    public static IReadOnlyList<LaneWidth> All { get; } = [LaneWidth.Bits512, LaneWidth.Bits256, LaneWidth.Bits128, LaneWidth.Scalar];

    /// <summary>The widest that the machine has in hardware.</summary>
    public static LaneWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? LaneWidth.Bits512
        : Vector256.IsHardwareAccelerated ? LaneWidth.Bits256
        : Vector128.IsHardwareAccelerated ? LaneWidth.Bits128
        : LaneWidth.Scalar;
}
