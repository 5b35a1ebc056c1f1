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
    /// <summary>The launches of a stage, in execution order.</summary>
    /// <param name="table">The stage, lowered for an engine.</param>
    /// <param name="types">Data types of the job.</param>
    public static StageLaunch[] Of(OperatorTable table, FlopsTypes types)
    {
        ArgumentNullException.ThrowIfNull(table);
        List<StageLaunch> launches = [];
        List<int> members = [];
        HashSet<int> taken = [];
        for (int op = 0; op < table.Count; op++)
        {
            if (taken.Contains(op))
            {
                continue;
            }

            members.Clear();
            OperatorShape? shape = TableShapes.At(table, op, types, members);
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            taken.UnionWith(members.Select(member => member < 0 ? ~member : member));
            int also = members.Find(member => member > op);
            launches.Add(new StageLaunch(op, shape, also > op ? also : -1, identity.IsOfPhase, PartOf(table, op), table.Repeats[op]));
        }

        return [.. launches];
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
            LaunchKind.Exchange => table.Exchanges[op].Collective == Collective.AllToAll ? StepPart.AllToAll : StepPart.AllReduce,
            LaunchKind.HeadProduct => StepPart.LatentProducts,
            LaunchKind.ScoreAndValue or LaunchKind.Score or LaunchKind.Value or LaunchKind.Softmax or LaunchKind.IndexScore or LaunchKind.Selection =>
                table.Shape.Phase == Models.Phase.Prefill ? StepPart.PrefillAttention : StepPart.DecodeAttention,
            LaunchKind.ExpertGateUp or LaunchKind.ExpertDown => StepPart.Experts,
            LaunchKind.PlainProduct => StepPart.Router,
            LaunchKind.Product when identity.Part == StagePart.Attention => StepPart.AttentionProducts,
            LaunchKind.Product => identity.Block == StageLowering.DenseBlock ? StepPart.FeedForward : StepPart.SharedExperts,
            _ => StepPart.Elementwise,
        };
    }
}
