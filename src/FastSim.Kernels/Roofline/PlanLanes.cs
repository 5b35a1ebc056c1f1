using System.Numerics.Tensors;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>Batches of one plan side by side, and what it achieves at each. An instance takes one plan after another without allocating; it serves one thread.</summary>
public sealed class PlanLanes
{
    private readonly StageProgram program = new();
    private readonly LaneWidth width;
    private readonly double[] perToken;
    private readonly double[] firstToken;
    private LaneBlock block;
    private ChipRates? chip;
    private int tuning;
    private LatencyForm form;

    /// <summary>Lanes.</summary>
    /// <param name="capacity">Batches evaluated at once at most.</param>
    /// <param name="width">Lane width of the kernel; the results do not depend on it.</param>
    public PlanLanes(int capacity, LaneWidth width)
    {
        this.width = width;
        block = new LaneBlock(capacity, 0);
        perToken = new double[capacity];
        firstToken = new double[capacity];
    }

    /// <summary>Batches evaluated at once at most.</summary>
    public int Capacity => block.Capacity;

    /// <summary>The batches, in sequences of a rank's micro-batch.</summary>
    public Span<double> Sequences => block.Sequences;

    /// <summary>Time per output token of each batch; NaN for a plan that does not decode.</summary>
    public ReadOnlySpan<double> PerTokenSeconds => perToken;

    /// <summary>Time to first token of each batch; NaN for a plan that does not prefill.</summary>
    public ReadOnlySpan<double> FirstTokenSeconds => firstToken;

    /// <summary>Time between two yields of each batch.</summary>
    public ReadOnlySpan<double> PassSeconds => form.PassIsStage ? block.StageSeconds : perToken;

    /// <summary>Tokens a rank yields per second at a batch that was evaluated.</summary>
    public double TokensPerRankSecond(int lane) => form.TokensPerSequence * block.Sequences[lane] / PassSeconds[lane];

    /// <summary>Takes a plan.</summary>
    /// <param name="table">Its stage; its exchanges must be reachable.</param>
    /// <param name="rates">Its chip.</param>
    /// <param name="latencyForm">How its latency follows from its stage's time.</param>
    public void Load(OperatorTable table, ChipRates rates, LatencyForm latencyForm)
    {
        ArgumentNullException.ThrowIfNull(rates);
        program.Load(table, rates);
        form = latencyForm;
        if (ReferenceEquals(chip, rates) && tuning == rates.Tuning)
        {
            return;
        }

        if (chip is null || chip.Chip.Networks.Count != rates.Chip.Networks.Count)
        {
            block = new LaneBlock(block.Capacity, rates.Chip.Networks.Count);
        }

        chip = rates;
        tuning = rates.Tuning;
        block.SetChip(rates);
    }

    /// <summary>Evaluates the first batches.</summary>
    public void Evaluate(int count)
    {
        RooflineKernel.Evaluate(program, block, count, width);
        ReadOnlySpan<double> steps = block.StepSeconds[..count];
        Span<double> tokens = perToken.AsSpan(0, count);
        TensorPrimitives.Multiply(steps, form.PerTokenPerStep, tokens);
        if (form.PerTokenPerSequence != 0)
        {
            TensorPrimitives.MultiplyAdd(block.Sequences[..count], form.PerTokenPerSequence, tokens, tokens);
        }

        Span<double> firsts = firstToken.AsSpan(0, count);
        TensorPrimitives.Multiply(steps, form.FirstTokenPerStep, firsts);
        TensorPrimitives.Add(firsts, form.FirstTokenConstant, firsts);
        if (form.FirstTokenWaitsForToken)
        {
            TensorPrimitives.Add(firsts, tokens, firsts);
        }
    }
}
