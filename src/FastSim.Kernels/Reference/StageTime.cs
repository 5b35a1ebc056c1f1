using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>The time of one pass through the fullest stage, in seconds.</summary>
/// <param name="AttentionSeconds">Attention of all its blocks, exposed communication included.</param>
/// <param name="FeedForwardSeconds">Feed-forward of all its blocks, exposed communication included.</param>
/// <param name="LogitsSeconds">Logits projection.</param>
/// <param name="PointToPointSeconds">Activations to the next stage; never hidden (cost model A5).</param>
/// <param name="ExposedTensorSeconds">Tensor-parallel communication in the first two.</param>
/// <param name="ExposedExpertSeconds">Expert-parallel communication in the first two.</param>
/// <param name="CappedSeconds">What its energy takes at the most watts that the power cap leaves for work; 0 without a cap.</param>
/// <param name="StreamSeconds">What the pass streams from a second memory or from elsewhere takes; 0 where all is in the first.</param>
public readonly record struct StageTime(
    double AttentionSeconds,
    double FeedForwardSeconds,
    double LogitsSeconds,
    double PointToPointSeconds,
    double ExposedTensorSeconds,
    double ExposedExpertSeconds,
    double CappedSeconds = 0,
    double StreamSeconds = 0)
{
    /// <summary>Communication of cards that share a sequence's tokens, in attention.</summary>
    public double ExposedContextSeconds { get; init; }

    /// <summary>Communication of cards that share rows between products, in the first two.</summary>
    public double ExposedSequenceSeconds { get; init; }

    /// <summary>All communication in the first two.</summary>
    public double ExposedSeconds => ExposedTensorSeconds + ExposedExpertSeconds + ExposedContextSeconds + ExposedSequenceSeconds;

    /// <summary>The stage's own time, without the send to the next: a power cap clocks the whole pass down, and it waits for what it streams.</summary>
    public double StageSeconds => Math.Max(UncappedSeconds, CappedSeconds);

    /// <summary>What the power cap makes the stage longer.</summary>
    public double ThrottledSeconds => StageSeconds - UncappedSeconds;

    /// <summary>What the stage waits for bytes that a second memory or another place holds.</summary>
    public double WaitSeconds => UncappedSeconds - OwnSeconds;

    private double UncappedSeconds => Math.Max(OwnSeconds, StreamSeconds);

    private double OwnSeconds => AttentionSeconds + FeedForwardSeconds + LogitsSeconds;

    /// <summary>The stage and the send: what a micro-batch takes to reach the next stage.</summary>
    public double StepSeconds => StageSeconds + PointToPointSeconds;

    /// <summary>Evaluates a stage: the plain sum over its operators that everything faster is judged by.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static StageTime Of(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        StagePartTime attention = default;
        StagePartTime feedForward = default;
        double logits = 0;
        double pointToPoint = 0;
        double overlap = table.PricedSeconds is null ? rates.Chip.CommunicationOverlap : 0;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            double repeats = table.Repeats[op];
            bool isExchange = identity.Engine == OperatorEngine.Network;
            ExchangeCost exchange = isExchange ? ExchangeCost.Of(table, op, rates, sequences) : default;
            double process = isExchange ? 0 : OperatorCost.Of(table, op, rates, sequences).ProcessSeconds;
            switch (identity.Part)
            {
                case StagePart.Pipeline:
                    pointToPoint += exchange.Seconds;
                    break;
                case StagePart.Logits:
                    logits += isExchange ? exchange.Seconds : process;
                    break;
                default:
                    ref StagePartTime part = ref identity.Part == StagePart.Attention ? ref attention : ref feedForward;
                    if (isExchange)
                    {
                        part.AddExchange(exchange, repeats, overlap, table.Exchanges[op].Group);
                    }
                    else
                    {
                        part.AddCompute(process, repeats);
                    }

                    break;
            }
        }

        double hidden = attention.HiddenTensorSeconds + attention.HiddenExpertSeconds + feedForward.HiddenTensorSeconds + feedForward.HiddenExpertSeconds
            + (attention.HiddenContextSeconds + attention.HiddenSequenceSeconds + feedForward.HiddenSequenceSeconds);
        if (Unhideable(hidden, attention.ProcessSeconds + feedForward.ProcessSeconds) is var unhideable and > 0)
        {
            attention.Show(unhideable / hidden);
            feedForward.Show(unhideable / hidden);
        }

        return new StageTime(
            attention.TotalSeconds,
            feedForward.TotalSeconds,
            logits,
            pointToPoint,
            attention.ExposedTensorSeconds + feedForward.ExposedTensorSeconds,
            attention.ExposedExpertSeconds + feedForward.ExposedExpertSeconds,
            rates.HasPowerCap ? StageEnergy.Joules(table, rates, sequences) / rates.MostWorkWatts : 0,
            StreamTime.Seconds(table, rates, sequences))
        {
            ExposedContextSeconds = attention.ExposedContextSeconds + feedForward.ExposedContextSeconds,
            ExposedSequenceSeconds = attention.ExposedSequenceSeconds + feedForward.ExposedSequenceSeconds,
        };
    }

    /// <summary>
    /// What a stage grows by because nothing hides behind work that is not there: hidden communication beyond the work of attention and
    /// feed-forward, seconds (docs/cost-model.md, "Communication").
    /// </summary>
    /// <param name="hiddenSeconds">TP and EP exchanges of the stage, of which the hidden share.</param>
    /// <param name="workSeconds">Process time of its attention and feed-forward.</param>
    internal static double Unhideable(double hiddenSeconds, double workSeconds) => Math.Max(0, hiddenSeconds - workSeconds);

    /// <summary>Whether the chip's network reaches across every exchange of the stage.</summary>
    public static bool IsReachable(OperatorTable table, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach (Exchange exchange in table.Exchanges)
        {
            if (!ExchangeCost.IsReachable(exchange, rates))
            {
                return false;
            }
        }

        return true;
    }
}
