using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Reference;

/// <summary>Sums the time of one part of a stage over its blocks: compute, what communication shows, and what hidden communication costs compute.</summary>
internal struct StagePartTime
{
    private double slowdown;
    private double highestSlowdownRate;

    /// <summary>Σ process time of the compute operators, seconds.</summary>
    public double ProcessSeconds { get; private set; }

    /// <summary>Exposed communication of tensor-parallel ranks, seconds.</summary>
    public double ExposedTensorSeconds { get; private set; }

    /// <summary>Exposed communication of expert-parallel ranks, seconds.</summary>
    public double ExposedExpertSeconds { get; private set; }

    /// <summary>Exposed communication of cards that share a sequence's tokens, seconds.</summary>
    public double ExposedContextSeconds { get; private set; }

    /// <summary>Exposed communication of cards that share rows between products, seconds.</summary>
    public double ExposedSequenceSeconds { get; private set; }

    /// <summary>Hidden communication of cards that share a sequence's tokens, seconds.</summary>
    public double HiddenContextSeconds { get; private set; }

    /// <summary>Hidden communication of cards that share rows between products, seconds.</summary>
    public double HiddenSequenceSeconds { get; private set; }

    /// <summary>Hidden communication of tensor-parallel ranks, seconds.</summary>
    public double HiddenTensorSeconds { get; private set; }

    /// <summary>Hidden communication of expert-parallel ranks, seconds.</summary>
    public double HiddenExpertSeconds { get; private set; }

    /// <summary>
    /// Compute stretched by hidden communication: while it runs, <c>processor_usage</c> of the units is gone, so work takes
    /// <c>1/(1-usage)</c> as long (cost model B5); never more than the part's own work stretched.
    /// </summary>
    public readonly double SlowdownSeconds => Math.Min(slowdown, ProcessSeconds * highestSlowdownRate);

    /// <summary>All of it, seconds.</summary>
    public readonly double TotalSeconds =>
        ProcessSeconds + ExposedTensorSeconds + ExposedExpertSeconds + ExposedContextSeconds + ExposedSequenceSeconds + SlowdownSeconds;

    /// <summary>Adds a compute operator that the stage runs <paramref name="repeats"/> times.</summary>
    public void AddCompute(double processSeconds, double repeats) => ProcessSeconds += processSeconds * repeats;

    /// <summary>Adds an exchange that the stage makes <paramref name="repeats"/> times: <c>(1-overlap)·time</c> shows (cost model A5, B5).</summary>
    public void AddExchange(ExchangeCost cost, double repeats, double overlap, ExchangeGroup group)
    {
        double total = cost.Seconds * repeats;
        double exposed = (1 - overlap) * total;
        double hidden = overlap * total;
        switch (group)
        {
            case ExchangeGroup.TensorParallel:
                ExposedTensorSeconds += exposed;
                HiddenTensorSeconds += hidden;
                break;
            case ExchangeGroup.ContextParallel:
                ExposedContextSeconds += exposed;
                HiddenContextSeconds += hidden;
                break;
            case ExchangeGroup.SequenceParallel:
                ExposedSequenceSeconds += exposed;
                HiddenSequenceSeconds += hidden;
                break;
            default:
                ExposedExpertSeconds += exposed;
                HiddenExpertSeconds += hidden;
                break;
        }

        double slowdownRate = cost.ProcessorUsage / (1 - cost.ProcessorUsage);
        slowdown += overlap * total * slowdownRate;
        highestSlowdownRate = Math.Max(highestSlowdownRate, slowdownRate);
    }

    /// <summary>Shows a share of what was hidden: there was not enough work to hide it behind.</summary>
    public void Show(double share)
    {
        ExposedTensorSeconds += HiddenTensorSeconds * share;
        ExposedExpertSeconds += HiddenExpertSeconds * share;
        ExposedContextSeconds += HiddenContextSeconds * share;
        ExposedSequenceSeconds += HiddenSequenceSeconds * share;
    }
}
