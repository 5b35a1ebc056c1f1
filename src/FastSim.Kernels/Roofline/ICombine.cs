using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;

namespace FastSim.Kernels.Roofline;

/// <summary>How an operator's compute and memory time combine (cost model A2, <c>processing_mode</c>).</summary>
internal interface ICombine
{
    static abstract TLanes Of<TLanes>(TLanes compute, TLanes memory)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary><c>roofline</c>: the longer of the two.</summary>
internal readonly struct LongerOfTwo : ICombine
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes compute, TLanes memory)
        where TLanes : struct, ILanes<TLanes> => TLanes.Max(compute, memory);
}

/// <summary><c>no_overlap</c>: their sum.</summary>
internal readonly struct SumOfTwo : ICombine
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes compute, TLanes memory)
        where TLanes : struct, ILanes<TLanes> => compute + memory;
}
