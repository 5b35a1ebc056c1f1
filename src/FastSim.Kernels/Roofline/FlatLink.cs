using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;

namespace FastSim.Kernels.Roofline;

/// <summary>Seconds of an exchange on a link that takes messages of any size alike, vector after vector; what candidates have in common is read once.</summary>
/// <typeparam name="TLanes">The width.</typeparam>
internal readonly ref struct FlatLink<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly ref double secondsPerByte;
    private readonly ref double hopSeconds;
    private readonly TLanes wirePerSequence;
    private readonly TLanes wireConstant;
    private readonly TLanes inverseEfficiency;
    private readonly TLanes hops;

    /// <summary>A link.</summary>
    /// <param name="link">What is sent over it.</param>
    /// <param name="range">The candidates.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FlatLink(in LinkTerm link, in LaneRange range)
    {
        secondsPerByte = ref range.LinkSecondsPerByteRow(link.Tier);
        hopSeconds = ref range.HopSecondsRow(link.Tier);
        wirePerSequence = TLanes.Broadcast(link.Wire.PerSequence);
        wireConstant = TLanes.Broadcast(link.Wire.Constant);
        inverseEfficiency = TLanes.Broadcast(link.InverseEfficiency);
        hops = TLanes.Broadcast(link.Hops);
    }

    /// <summary>Seconds of the candidates from one on.</summary>
    /// <param name="index">The first.</param>
    /// <param name="sequences">Their batches.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Seconds(int index, TLanes sequences) => TLanes.MultiplyAdd(
        TLanes.MultiplyAdd(wirePerSequence, sequences, wireConstant),
        TLanes.Load(ref secondsPerByte, index) * inverseEfficiency,
        TLanes.Load(ref hopSeconds, index) * hops);
}
