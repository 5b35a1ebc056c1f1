using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>The stage that parts add to one after another, vector after vector, and the work that is left to hide exchanges behind; with the last part the step.</summary>
/// <typeparam name="TLanes">The width.</typeparam>
internal readonly ref struct StageLanes<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly ref double stages;
    private readonly ref double spares;
    private readonly ref double steps;
    private readonly bool starts;
    private readonly bool ends;
    private readonly bool sends;
    private readonly FlatLink<TLanes> send;

    /// <summary>The stage before a part.</summary>
    /// <param name="program">The stage; its exchanges are plain.</param>
    /// <param name="starts">Whether the part is its first.</param>
    /// <param name="ends">Whether the part is its last.</param>
    /// <param name="range">The candidates.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StageLanes(StageProgram program, bool starts, bool ends, in LaneRange range)
    {
        stages = ref range.StageSeconds;
        spares = ref range.SpareWork;
        steps = ref range.StepSeconds;
        this.starts = starts;
        this.ends = ends;
        TracksWork = program.HidesExchanges;
        ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(StagePart.Pipeline);
        sends = !exchanges.IsEmpty;
        if (ends && sends)
        {
            send = new(program.Link(exchanges[0].FirstLink), range);
        }
    }

    /// <summary>Whether work is kept.</summary>
    public bool TracksWork { get; }

    /// <summary>Work of the parts before, beyond what hides behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Spare(int index) => starts ? TLanes.Broadcast(0) : TLanes.Load(ref spares, index);

    /// <summary>Work as <see cref="KeepSpare"/> left it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes KeptSpare(int index) => TLanes.Load(ref spares, index);

    /// <summary>Adds a part.</summary>
    /// <param name="index">First of the candidates.</param>
    /// <param name="part">Seconds of the part.</param>
    /// <param name="spare">Work with the part's, beyond what hides behind it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index, TLanes part, TLanes spare)
    {
        TLanes stage = starts ? part : TLanes.Load(ref stages, index) + part;
        if (!ends)
        {
            TLanes.Store(stage, ref stages, index);
            if (TracksWork)
            {
                TLanes.Store(spare, ref spares, index);
            }

            return;
        }

        stage = TracksWork ? stage + ExchangePasses.Unhideable(spare) : stage;
        TLanes.Store(stage, ref stages, index);
        TLanes.Store(sends ? send.Seconds(index) + stage : stage, ref steps, index);
    }

    /// <summary>Keeps work while exchanges of a part are still to come.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void KeepSpare(int index, TLanes spare) => TLanes.Store(spare, ref spares, index);
}
