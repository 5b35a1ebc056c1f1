using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Rows that passes over operators read, filled before: what is looked up or called for each candidate.</summary>
internal static class LaneFills
{
    /// <summary>Looks up the learned slowdown of each candidate.</summary>
    public static void Slowdowns(ReadOnlySpan<double> slowdowns, in LaneRange range)
    {
        ref double batch = ref range.Sequences;
        ref double filled = ref range.LearnedSlowdown;
        for (int index = 0; index < range.Count; index++)
        {
            Unsafe.Add(ref filled, index) = slowdowns[Math.Min(BatchGrid.IndexOf(Unsafe.Add(ref batch, index)), slowdowns.Length - 1)];
        }
    }

    /// <summary>The share of experts that each candidate's batch reads: a pass of its own, since it calls what sends lanes to memory and back.</summary>
    public static void ReadShares<TLanes>(double activationLog, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        ref double filled = ref range.ReadShare;
        TLanes log = TLanes.Broadcast(activationLog);
        for (int index = 0; index < range.Count; index += TLanes.Count)
        {
            TLanes.Store(ReadShare.Of(log * TLanes.Load(ref batch, index)), ref filled, index);
        }
    }
}
