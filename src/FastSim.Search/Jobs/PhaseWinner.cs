using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Search.Jobs;

/// <summary>The best plan of a phase, explained.</summary>
public sealed class PhaseWinner
{
    /// <summary>Explains a plan.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="rates">Its chip.</param>
    /// <param name="memory">What a card holds.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="worked">Of those the ones that a step works on: fewer where some wait for their first token.</param>
    /// <param name="latencySeconds">Time per output token for decode, time to first token for prefill.</param>
    /// <param name="tokensPerSecond">Throughput of the instance, in the phase's own tokens.</param>
    public PhaseWinner(
        OperatorTable table,
        ChipRates rates,
        MemoryFootprint memory,
        double sequences,
        double worked,
        double latencySeconds,
        double tokensPerSecond)
    {
        Table = table;
        Rates = rates;
        Memory = memory;
        Sequences = sequences;
        WorkedSequences = worked;
        LatencySeconds = latencySeconds;
        TokensPerSecond = tokensPerSecond;
        IsBeyondTraining = LaunchPricing.IsBeyondTraining(table, rates, sequences);
        Breakdown = StageBreakdown.Of(table, rates, worked);
    }

    /// <summary>The lowered stage.</summary>
    public OperatorTable Table { get; }

    /// <summary>The chip's rates.</summary>
    public ChipRates Rates { get; }

    /// <summary>What a card holds.</summary>
    public MemoryFootprint Memory { get; }

    /// <summary>Sequences of a rank's micro-batch.</summary>
    public double Sequences { get; }

    /// <summary>Of those the ones that a step works on.</summary>
    public double WorkedSequences { get; }

    /// <summary>What priced each launch of the stage; empty where no engine runs it.</summary>
    public IReadOnlyList<PricedLaunch> Launches { get; init; } = [];

    /// <summary>Time per output token for decode, time to first token for prefill.</summary>
    public double LatencySeconds { get; }

    /// <summary>Throughput of the instance: generated tokens for decode, prompt tokens for prefill.</summary>
    public double TokensPerSecond { get; }

    /// <summary>What a card costs and draws; unknown of the prefill half of a fusion, whose cards are its decode half's.</summary>
    public CardDraw Draw { get; init; } = CardDraw.Unknown;

    /// <summary>Its cards, as what they yield by themselves costs and draws.</summary>
    public CardPool Pool => new(Layout.Cards, TokensPerSecond, Draw);

    /// <summary>Where the stage's time goes.</summary>
    public StageBreakdown Breakdown { get; }

    /// <summary>
    /// Of a prefill that finds some of its prompts cached (<c>cache_len</c>), the prompt tokens that it computes per second; all of
    /// <see cref="TokensPerSecond"/>, which it serves, otherwise, and in decode.
    /// </summary>
    public double ComputedTokensPerSecond => Shape.Phase == Phase.Prefill
        ? TokensPerSecond * Shape.MeanTokensPerSequence / Shape.Lengths.Input
        : TokensPerSecond;

    /// <summary>Whether its operators' times are learned; then whether some are of operators unlike all that were trained among.</summary>
    public bool? IsBeyondTraining { get; init; }

    /// <summary>
    /// Passes that a prompt takes under an engine, which goes by tokens: below 1 where a pass takes several prompts, above where it takes a part of one. Null without an engine, where a pass
    /// takes all that a step works on, and of decode.
    /// </summary>
    public double? PassesOfPrompt { get; init; }

    /// <summary>The decode half whose passes its prompts join; null where they take passes of their own.</summary>
    public PhaseWinner? Joins { get; init; }

    /// <summary>What was deployed.</summary>
    public DeploymentShape Shape => Table.Shape;

    /// <summary>How the cards share the work.</summary>
    public ParallelLayout Layout => Table.Shape.Layout;

    /// <summary>Tokens of a request in this phase.</summary>
    public int RequestTokens => Shape.Phase == Kernels.Models.Phase.Prefill ? Shape.Lengths.Input : Shape.Lengths.Output;

    /// <summary>Requests the instance completes a second.</summary>
    public double RequestsPerSecond => TokensPerSecond / RequestTokens;

    /// <summary>Sequences in flight over all cards.</summary>
    public double InFlight => Shape.InFlightPerSequence * Sequences;

    /// <summary>Sequences in flight a card.</summary>
    public double SequencesPerCard => InFlight / Layout.Cards;

    /// <summary><c>b</c> of the cost model: sequences per rank for a dense model, per card for a mixture of experts.</summary>
    public double MicroBatch => Shape.Model.Experts is null ? Sequences : Sequences / Layout.RankCards;
}
