using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that time an exchange's leg by the fastest of its algorithms (docs/cost-model.md, "Collectives by algorithm").</summary>
internal static class AlgorithmPasses
{
    /// <summary>The fastest way of a leg of each candidate; of several legs the slowest stays.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="first">First of the leg's links.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="isFirst">Whether the leg is the exchange's first.</param>
    /// <param name="range">The candidates.</param>
    public static void Fastest<TLanes>(StageProgram program, int first, int end, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref LinkTerm leg = ref program.Link(first);
        ReadOnlySpan<EfficiencyStep> steps = program.LinkSteps(leg);
        ref double batch = ref range.Sequences;
        ref double scales = ref range.LinkSecondsPerByteRow(leg.Tier);
        ref double hops = ref range.HopSecondsRow(leg.Tier);
        ref double slowest = ref range.ExchangeSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes secondsPerByte = TLanes.Load(ref scales, index) * TLanes.Broadcast(leg.InverseEfficiency);
            if (!steps.IsEmpty)
            {
                TLanes message = TLanes.MultiplyAdd(TLanes.Broadcast(leg.Message.PerSequence), sequences, TLanes.Broadcast(leg.Message.Constant));
                secondsPerByte *= SteppedPasses.Step(steps, message * TLanes.Broadcast(leg.WireScale) / TLanes.Broadcast(leg.GroupSize));
            }

            TLanes hopSeconds = TLanes.Load(ref hops, index);
            TLanes fastest = Way(program.Link(first), sequences, secondsPerByte, hopSeconds);
            for (int way = first + 1; way < end; way++)
            {
                fastest = TLanes.Min(fastest, Way(program.Link(way), sequences, secondsPerByte, hopSeconds));
            }

            TLanes.Store(isFirst ? fastest : TLanes.Max(fastest, TLanes.Load(ref slowest, index)), ref slowest, index);
        }
    }

    private static TLanes Way<TLanes>(in LinkTerm way, TLanes sequences, TLanes secondsPerByte, TLanes hopSeconds)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes load = TLanes.MultiplyAdd(TLanes.Broadcast(way.Wire.PerSequence), sequences, TLanes.Broadcast(way.Wire.Constant));
        TLanes own = TLanes.MultiplyAdd(TLanes.Broadcast(way.Own.PerSequence), sequences, TLanes.Broadcast(way.Own.Constant));
        return TLanes.MultiplyAdd(load, secondsPerByte, TLanes.MultiplyAdd(hopSeconds, TLanes.Broadcast(way.Hops), own));
    }
}
