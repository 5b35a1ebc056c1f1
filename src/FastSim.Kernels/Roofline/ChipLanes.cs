using System.Numerics.Tensors;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// One plan on many chips side by side, each at a batch of its own, and what it achieves there. An instance takes one plan after another
/// without allocating; it serves one thread.
/// </summary>
public sealed class ChipLanes
{
    private readonly StageProgram program = new();
    private readonly StageProgram promptProgram = new();
    private readonly LaneWidth width;
    private readonly LaneBlock block;
    private readonly LaneBlock promptBlock;
    private readonly double[] perToken;
    private readonly double[] firstToken;
    private readonly double[] promptSeconds;
    private LatencyForm form;

    /// <summary>Lanes.</summary>
    /// <param name="capacity">Candidates evaluated at once at most.</param>
    /// <param name="networkTiers">Network tiers of the chips.</param>
    /// <param name="width">Lane width of the kernel; the results do not depend on it.</param>
    public ChipLanes(int capacity, int networkTiers, LaneWidth width)
    {
        this.width = width;
        block = new LaneBlock(capacity, networkTiers);
        promptBlock = new LaneBlock(capacity, networkTiers);
        promptBlock.Sequences.Fill(1);
        perToken = new double[capacity];
        firstToken = new double[capacity];
        promptSeconds = new double[capacity];
    }

    /// <summary>Candidates evaluated at once at most.</summary>
    public int Capacity => block.Capacity;

    /// <summary>Batch of each candidate, in sequences of a rank's micro-batch.</summary>
    public Span<double> Sequences => block.Sequences;

    /// <summary>Time per output token of each candidate; NaN for a plan that does not decode.</summary>
    public ReadOnlySpan<double> PerTokenSeconds => perToken;

    /// <summary>Time to first token of each candidate; NaN for a plan that does not prefill.</summary>
    public ReadOnlySpan<double> FirstTokenSeconds => firstToken;

    private ReadOnlySpan<double> PassSeconds => form.PassIsStage ? block.StageSeconds : perToken;

    /// <summary>Tokens a rank yields per second at a candidate that was evaluated.</summary>
    public double TokensPerRankSecond(int lane) => form.TokensPerSequence * block.Sequences[lane] / PassSeconds[lane];

    /// <summary>Takes a plan of one phase.</summary>
    /// <param name="table">Its stage; its exchanges must be reachable.</param>
    /// <param name="rates">A chip with the lanes' tables and network shape; rates are the lanes'.</param>
    /// <param name="latencyForm">How its latency follows from its stage's time.</param>
    public void Load(OperatorTable table, ChipRates rates, LatencyForm latencyForm)
    {
        program.Load(table, rates);
        form = latencyForm;
    }

    /// <summary>Takes a plan that prefills prompts beside decoding.</summary>
    /// <param name="table">The decode stage.</param>
    /// <param name="rates">The chip as it decodes.</param>
    /// <param name="latencyForm">How its latency follows from its stages' times.</param>
    /// <param name="promptTable">The prefill stage.</param>
    /// <param name="promptRates">The chip as it prefills.</param>
    public void Load(OperatorTable table, ChipRates rates, LatencyForm latencyForm, OperatorTable promptTable, ChipRates promptRates)
    {
        Load(table, rates, latencyForm);
        promptProgram.Load(promptTable, promptRates);
    }

    /// <summary>Gives each candidate the rates of a chip; after the plan.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="indices">Chip of each candidate, from the first.</param>
    public void SetChips(ChipColumns chips, ReadOnlySpan<int> indices)
    {
        block.SetChips(chips, indices);
        if (form.HasPrompt)
        {
            promptBlock.SetChips(chips, indices);
            RooflineKernel.Evaluate(promptProgram, promptBlock, indices.Length, width);
            promptBlock.StepSeconds[..indices.Length].CopyTo(promptSeconds);
        }
    }

    /// <summary>Evaluates the first candidates.</summary>
    public void Evaluate(int count)
    {
        RooflineKernel.Evaluate(program, block, count, width);
        ReadOnlySpan<double> steps = block.StepSeconds[..count];
        Span<double> tokens = perToken.AsSpan(0, count);
        Span<double> firsts = firstToken.AsSpan(0, count);
        TensorPrimitives.Multiply(steps, form.PerTokenPerStep, tokens);
        TensorPrimitives.Multiply(steps, form.FirstTokenPerStep, firsts);
        if (form.HasPrompt)
        {
            for (int lane = 0; lane < count; lane++)
            {
                LatencyForm own = form.WithPrompt(promptSeconds[lane]);
                tokens[lane] += own.PerTokenPerSequence * block.Sequences[lane];
                firsts[lane] += own.FirstTokenConstant;
            }
        }
        else
        {
            TensorPrimitives.Add(firsts, form.FirstTokenConstant, firsts);
        }

        if (form.FirstTokenWaitsForToken)
        {
            TensorPrimitives.Add(firsts, tokens, firsts);
        }
    }
}
