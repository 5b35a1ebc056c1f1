using FastSim.Kernels.Lanes;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// The reference (<see cref="StageTime"/>, <see cref="TimeShares"/>) for one plan on many chips side by side, each at a batch of its own: the same operations in the
/// same order, so that every lane has the reference's bits, where <see cref="ChipLanes"/> sums in an order of its own and only narrows answers down. Takes
/// one plan after another without allocating; serves one thread.
/// </summary>
public sealed class ReferenceLanes
{
    private readonly LaneWidth width;
    private readonly ReferenceStage stage;

    /// <summary>Lanes.</summary>
    /// <param name="capacity">Chips at once at most.</param>
    /// <param name="networkTiers">Network tiers of the chips.</param>
    /// <param name="width">Lane width; the results do not depend on it.</param>
    public ReferenceLanes(int capacity, int networkTiers, LaneWidth width)
    {
        this.width = width;
        stage = new ReferenceStage(capacity, networkTiers);
    }

    /// <summary>Batch of each chip, in sequences of a rank's micro-batch.</summary>
    public Span<double> Sequences => stage.Sequences;

    /// <summary>The stage without the send to the next, seconds.</summary>
    public ReadOnlySpan<double> StageSeconds => stage.StageSeconds;

    /// <summary>The stage and the send, seconds.</summary>
    public ReadOnlySpan<double> StepSeconds => stage.StepSeconds;

    /// <summary>What a chip's time goes to.</summary>
    public TimeShares SharesOf(int chip) => stage.SharesOf(chip);

    /// <summary>Takes a plan of one phase.</summary>
    /// <param name="table">Its stage; its exchanges must be reachable.</param>
    /// <param name="rates">A chip with the chips' tables and network shape; rates are the chips'.</param>
    /// <returns>Whether lanes can go the reference's way (<see cref="ReferenceProgram.TryLoad"/>).</returns>
    public bool TryLoad(OperatorTable table, ChipRates rates) => stage.Program.TryLoad(table, rates);

    /// <summary>Evaluates the plan on some chips, at <see cref="Sequences"/>.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="indices">Which of them, a lane each.</param>
    public void Evaluate(ChipColumns chips, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(chips);
        stage.SetChips(chips, indices);
        ReferencePasses.Evaluate(stage, indices.Length, width);
    }
}
