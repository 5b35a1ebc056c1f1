using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Questions;

/// <summary>
/// A model, a chip and a load, for programs that use FastSim as a library: what is not said is as usual, in physical accounting (docs/cost-model.md).
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Chip">The chip.</param>
/// <param name="Cards">Cards at hand, at least 1.</param>
/// <param name="InputTokens">Tokens of a prompt, at least 1.</param>
/// <param name="OutputTokens">Tokens of an answer, at least 1.</param>
public sealed record DeploymentQuestion(TransformerModel Model, Chip Chip, int Cards, int InputTokens, int OutputTokens)
{
    private const int MostTokens = 1 << 30;

    /// <summary>Whether prefill and decode share cards (fusion), or each has its own (split).</summary>
    public ServingMode Mode { get; init; } = ServingMode.Fusion;

    /// <summary>Limit of the time to first token, ms; null for none.</summary>
    public double? FirstTokenMilliseconds { get; init; }

    /// <summary>Limit of the time per output token, ms; null for none.</summary>
    public double? PerTokenMilliseconds { get; init; }

    /// <summary>Bytes per element of weights, activations, keys and values, and messages: two of each where nothing is said.</summary>
    public Precision Precision { get; init; } = new(2, 2, 2, 2);

    /// <summary>Data types computed in, names of the chip's units: bfloat16 where nothing is said.</summary>
    public FlopsTypes Types { get; init; } = new(PlainChip.DataType, PlainChip.DataType, PlainChip.DataType);

    /// <summary>What the best deployment is best in.</summary>
    public PlanObjective Objective { get; init; }

    /// <summary>The job that the question stands for.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the chip lacks a data type.</exception>
    internal Job ToJob()
    {
        ArgumentNullException.ThrowIfNull(Model);
        ArgumentNullException.ThrowIfNull(Chip);
        ArgumentOutOfRangeException.ThrowIfLessThan(Cards, 1);
        Require(InputTokens, nameof(InputTokens));
        Require(OutputTokens, nameof(OutputTokens));
        foreach (string type in (ReadOnlySpan<string>)[Types.Matrix, Types.Attention])
        {
            Require(Chip.Matrix, type);
        }

        Require(Chip.Vector, Types.Vector);
        return new Job(
            0,
            Mode,
            Model,
            new SequenceLengths(InputTokens, OutputTokens),
            Cards,
            Precision,
            Types,
            new LatencyLimits(FirstTokenMilliseconds, PerTokenMilliseconds),
            Chip,
            Chip,
            Splits: null,
            PlanRestriction.None,
            PlanRestriction.None,
            Redundancy: null,
            SharedExpertOnEveryCard: false,
            MultiTokenPrediction.Off,
            Accounting.Physical)
        {
            Objective = Objective,
        };
    }

    private static void Require(int tokens, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, MostTokens, name);
    }

    private static void Require(IReadOnlyDictionary<string, ComputeUnit> units, string type)
    {
        if (!units.ContainsKey(type))
        {
            throw new ArgumentException($"found the data type {type}; expected one that the chip has: {string.Join(", ", units.Keys)}", nameof(type));
        }
    }
}
