using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Laws.Tests;

/// <summary>Laws of models whose blocks differ in attention (docs/cost-model.md, "Blocks that differ in more than reach").</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class HybridLaws
{
    /// <summary>A model all of whose blocks have one form costs what a model whose own attention is that form costs, operator by operator.</summary>
    [Law]
    public bool A_form_in_all_blocks_is_the_models_own(Job job, bool isDecode)
    {
        TransformerModel model = Plain(job.Model);
        AttentionForm form = new(model.Attention)
        {
            Heads = model.Heads,
            KeyValueHeads = model.KeyValueHeads,
            HeadSize = model.HeadSize,
            Latent = model.Latent,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            Gate = model.AttentionGate ? OutputGate.PerElement : OutputGate.None,
        };
        OperatorTable own = Lower(job, model, isDecode);
        OperatorTable asForm = Lower(job, WithForm(model, _ => form), isDecode);
        return own.Identities.SequenceEqual(asForm.Identities)
            && own.FlopsPerSequence.SequenceEqual(asForm.FlopsPerSequence)
            && own.BytesConstant.SequenceEqual(asForm.BytesConstant)
            && own.BytesPerSequence.SequenceEqual(asForm.BytesPerSequence)
            && own.Repeats.SequenceEqual(asForm.Repeats)
            && MemoryFootprint.Of(own).TotalBytes(3) == MemoryFootprint.Of(asForm).TotalBytes(3);
    }

    /// <summary>A hybrid's attention is that of each kind, as often as there are blocks of it.</summary>
    [Law]
    public bool A_hybrid_is_the_sum_of_its_kinds(Job job, bool isDecode, int mask)
    {
        TransformerModel model = Plain(job.Model);
        AttentionForm state = State(model);
        bool[] hasState = [.. Enumerable.Range(0, model.Blocks).Select(block => (mask >> block & 1) == 1)];
        double Flops(TransformerModel of)
        {
            OperatorTable table = Lower(job, of, isDecode);
            double sum = 0;
            for (int op = 0; op < table.Count; op++)
            {
                sum += table.Repeats[op] * table.Flops(op, 2);
            }

            return sum;
        }

        double share = hasState.Count(each => each) / (double)model.Blocks;
        double mixed = (share * Flops(WithForm(model, _ => state))) + ((1 - share) * Flops(model));
        double hybrid = Flops(WithForm(model, block => hasState[block] ? state : null));
        return Math.Abs(hybrid - mixed) <= 1e-9 * mixed;
    }

    /// <summary>Two mixings beside each other cost what each costs alone, but for a norm that they share.</summary>
    [Law]
    public bool Mixings_beside_each_other_are_both_of_them(Job job, bool isDecode)
    {
        TransformerModel model = Plain(job.Model);
        AttentionForm attention = new(AttentionKind.GroupQuery) { Heads = model.Heads, KeyValueHeads = model.KeyValueHeads, HeadSize = 16 };
        AttentionForm state = AttentionForm.OfState(AttentionKind.StateSpace, new StateDimensions(model.Heads, model.Heads, 8, 16, 4, 16, 4));
        double Flops(AttentionForm form, bool norms)
        {
            OperatorTable table = Lower(job, WithForm(model, _ => form), isDecode);
            double sum = 0;
            for (int op = 0; op < table.Count; op++)
            {
                bool counts = table.Identities[op].Part == StagePart.Attention && (!norms || table.Identities[op].Name == "rms_norm");
                sum += counts ? table.Repeats[op] * table.Flops(op, 2) : 0;
            }

            return sum;
        }

        double alone = Flops(attention, norms: false) + Flops(state, norms: false) - Flops(state, norms: true);
        double together = Flops(attention with { Beside = state }, norms: false);
        return Math.Abs(together - alone) <= 1e-9 * alone;
    }

    /// <summary>What a state takes does not depend on the context; what a cache takes grows with it.</summary>
    [Law]
    public bool A_state_does_not_grow_with_the_context(Job job)
    {
        TransformerModel model = Plain(job.Model);
        TransformerModel states = WithForm(model, _ => State(model));
        double Cache(TransformerModel of, int factor) => MemoryFootprint.Of(StageLowering.Lower(Shape(
            job with { Lengths = new SequenceLengths(job.Lengths.Input * factor, job.Lengths.Output) }, of, isDecode: true))).CacheBytesPerSequence;
        return Cache(states, 1) == Cache(states, 8) && Cache(states, 1) > 0 && Cache(model, 8) > Cache(model, 1);
    }

    private static AttentionForm State(TransformerModel model) => AttentionForm.OfState(
        AttentionKind.GatedDelta, new StateDimensions(model.Heads, model.Heads, 8, 16, 4, 16, 4));

    private static TransformerModel Plain(TransformerModel model) => model with
    {
        Experts = null,
        FeedForward = 256,
        CachedTokens = 0,
        Structure = Structure(new BlockPattern(Enumerable.Repeat(default(BlockKind), model.Blocks))),
    };

    private static BlockStructure Structure(BlockPattern pattern) =>
        new(pattern, QueryKeyNorm.PerHead, 2, BlockExtras.None, null, TiedEmbeddings: false, new StoredWeights(2, 2, WeightRoles.None));

    private static TransformerModel WithForm(TransformerModel model, Func<int, AttentionForm?> form) => model with
    {
        Structure = Structure(new BlockPattern(Enumerable.Range(0, model.Blocks).Select(block => new BlockKind(AttentionReach.Whole, HasExperts: false) { Form = form(block) }))),
    };

    private static OperatorTable Lower(Job job, TransformerModel model, bool isDecode) => StageLowering.Lower(Shape(job, model, isDecode));

    private static DeploymentShape Shape(Job job, TransformerModel model, bool isDecode) => new(
        model,
        job.Lengths,
        new Precision(1, 2, 2, 2),
        Accounting.Physical,
        MultiTokenPrediction.Off,
        isDecode ? Phase.Decode : Phase.Prefill,
        new ParallelLayout(1, 1, 1, 1, 1, 1, 0, 0),
        1);
}
