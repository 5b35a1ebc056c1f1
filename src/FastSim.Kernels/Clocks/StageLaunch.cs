using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>One kernel of a lowered stage, or an exchange.</summary>
/// <param name="Operator">The operator that it is, or begins with.</param>
/// <param name="Shape">What measured kernels go by, at one sequence; null for passes, exchanges, and what no measured family has.</param>
/// <param name="Also">A second operator of the same kernel; -1 for none.</param>
/// <param name="IsOfPhase">Whether it works on the rows of its own phase alone.</param>
/// <param name="Part">The part of a step that its time counts under.</param>
/// <param name="Repeats">Times the stage runs it.</param>
public readonly record struct StageLaunch(int Operator, OperatorShape? Shape, int Also, bool IsOfPhase, StepPart Part, double Repeats)
{
    private const int MostOnStack = 256;

    private readonly OperatorShape? shape = Shape;

    /// <summary>What measured kernels go by, at one sequence; null for passes, exchanges, and what no measured family has.</summary>
    public OperatorShape? Shape
    {
        readonly get => shape;
        init => shape = value;
    }

    /// <summary>Whether a measured family has it.</summary>
    internal bool HasShape => shape.HasValue;

    /// <summary>The same as <see cref="Shape"/>, in its place: a shape is too long to be copied for every launch that is priced. None's is all zeros.</summary>
    [UnscopedRef]
    internal ref readonly OperatorShape ShapeInPlace => ref Nullable.GetValueRefOrDefaultRef(in shape);

    /// <summary>What it is never faster than, on any chip of the same forms.</summary>
    public LaunchBound Bound { get; init; } = LaunchBound.Peaks;

    /// <summary>Which way to a time it takes.</summary>
    internal LaunchWay Way { get; init; }

    /// <summary>The launches of a stage, in execution order.</summary>
    /// <param name="table">The stage, lowered for an engine.</param>
    /// <param name="types">Data types of the job.</param>
    public static StageLaunch[] Of(OperatorTable table, FlopsTypes types)
    {
        ArgumentNullException.ThrowIfNull(table);
        StageLaunch[] room = ArrayPool<StageLaunch>.Shared.Rent(table.Count);
        int count = 0;
        List<int> members = [];
        Span<bool> taken = table.Count <= MostOnStack ? stackalloc bool[table.Count] : new bool[table.Count];
        for (int op = 0; op < table.Count; op++)
        {
            if (taken[op])
            {
                continue;
            }

            members.Clear();
            OperatorShape? shape = TableShapes.At(table, op, types, members);
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            int also = -1;
            foreach (int member in members)
            {
                taken[member < 0 ? ~member : member] = true;
                also = member > op ? member : also;
            }

            room[count] = new StageLaunch(op, shape, also, identity.IsOfPhase, PartOf(table, op), table.Repeats[op]) { Way = WayOf(table, op, shape) };
            count++;
        }

        StageLaunch[] launches = room.AsSpan(0, count).ToArray();
        ArrayPool<StageLaunch>.Shared.Return(room);
        return launches;
    }

    private static LaunchWay WayOf(OperatorTable table, int op, in OperatorShape? shape)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[op];
        if (identity.Engine == OperatorEngine.Network)
        {
            return LaunchWay.Exchange;
        }

        if (identity.Kind is LaunchKind.ShortConvolution or LaunchKind.Recurrence or LaunchKind.EncoderAttention or LaunchKind.IndexScore or LaunchKind.Selection or LaunchKind.Score)
        {
            return LaunchWay.Any;
        }

        return identity.Engine == OperatorEngine.Vector ? LaunchWay.Pass
            : shape is { Family: OperatorFamily.Product } ? LaunchWay.Product
            : LaunchWay.Any;
    }

    private static StepPart PartOf(OperatorTable table, int op)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[op];
        if (identity.Part == StagePart.Logits)
        {
            return StepPart.Logits;
        }

        return identity.Kind switch
        {
            LaunchKind.ExpertDispatch or LaunchKind.ExpertCombine => StepPart.AllToAll,
            LaunchKind.Exchange or LaunchKind.ContextExchange => StepPart.AllReduce,
            LaunchKind.HeadProduct => StepPart.LatentProducts,
            LaunchKind.ScoreAndValue or LaunchKind.Score or LaunchKind.Value or LaunchKind.Softmax or LaunchKind.IndexScore or LaunchKind.Selection
                or LaunchKind.ContextCombine or LaunchKind.Recurrence or LaunchKind.ShortConvolution or LaunchKind.DecayGate or LaunchKind.EncoderAttention =>
                table.Shape.Phase == Models.Phase.Prefill ? StepPart.PrefillAttention : StepPart.DecodeAttention,
            LaunchKind.ExpertGateUp or LaunchKind.ExpertDown => StepPart.Experts,
            LaunchKind.SharedProduct => StepPart.SharedExperts,
            LaunchKind.PlainProduct when identity.IsOfDraft && identity.Part == StagePart.FeedForward => StepPart.Logits,
            LaunchKind.PlainProduct when identity.Block == StageLowering.ExpertBlock => StepPart.Router,
            LaunchKind.PlainProduct when identity.Part == StagePart.Attention => StepPart.AttentionProducts,
            LaunchKind.Product when identity.Part == StagePart.Attention => StepPart.AttentionProducts,
            LaunchKind.Product or LaunchKind.PlainProduct => identity.Block == StageLowering.ExpertBlock && !identity.IsOfDraft ? StepPart.SharedExperts : StepPart.FeedForward,
            _ => StepPart.Elementwise,
        };
    }
}
