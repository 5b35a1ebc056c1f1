using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>Checks that hold between items of different lists.</summary>
internal static class JobChecks
{
    /// <summary>What a width may leave out: the scales of large blocks, which nobody writes.</summary>
    private const double WidthTolerance = 0.01;

    public static void CachedTokens(Listed<TransformerModel>[] models, Listed<SequenceLengths>[] lengths)
    {
        foreach (Listed<TransformerModel> model in models)
        {
            foreach (Listed<SequenceLengths> length in lengths)
            {
                if (model.Value.CachedTokens >= length.Value.Input)
                {
                    throw length.Source.Complaint(
                        $"more input tokens than the {model.Value.CachedTokens} that {model.Value.Name} has cached (cache_len)");
                }
            }
        }
    }

    /// <summary>A model that says itself how many tokens are cached leaves a share of them nothing to say.</summary>
    public static void PrefixHit(JsonValue source, bool hasHits, Listed<TransformerModel>[] models)
    {
        if (hasHits && Array.Find(models, model => model.Value.CachedTokens > 0) is { Value: { } cached })
        {
            throw source.Complaint($"0, or no cache_len of {cached.Name}: both say how much of a prompt is cached");
        }
    }

    /// <summary>An engine refuses requests that are longer than the model's positions reach.</summary>
    public static void Context(Listed<TransformerModel>[] models, Listed<SequenceLengths>[] lengths)
    {
        foreach (Listed<TransformerModel> model in models)
        {
            foreach (Listed<SequenceLengths> length in lengths)
            {
                if (!model.Value.HasPositionsFor((double)length.Value.Input + length.Value.Output))
                {
                    throw length.Source.Complaint(string.Create(
                        CultureInfo.InvariantCulture,
                        $"input and output tokens that {model.Value.Name} has positions for, {model.Value.LongestContext} together (max_position_embeddings); --beyond-context asks all the same"));
                }
            }
        }
    }

    public static void DataTypes(Listed<FlopsTypes>[] types, Listed<ChipPair>[] chips, JsonValue systems)
    {
        foreach (Listed<ChipPair> pair in chips)
        {
            foreach (Chip chip in new[] { pair.Value.Prefill, pair.Value.Decode })
            {
                foreach (Listed<FlopsTypes> type in types)
                {
                    JsonValue[] names = type.Source.List("data types");
                    Require(names[0], type.Value.Matrix, "matrix", chip, chip.Matrix.Keys, systems);
                    Require(names[1], type.Value.Attention, "matrix", chip, chip.Matrix.Keys, systems);
                    Require(names[2], type.Value.Vector, "vector", chip, chip.Vector.Keys, systems);
                }
            }
        }
    }

    /// <summary>A cap that cannot be held for want of a data type's energy is refused: it would cap nothing.</summary>
    public static void PowerCaps(Listed<FlopsTypes>[] types, Listed<ChipPair>[] chips)
    {
        foreach (Chip chip in chips.SelectMany(pair => new[] { pair.Value.Prefill, pair.Value.Decode }).Where(chip => chip.Economics?.PowerCapWatts is not null))
        {
            foreach (Listed<FlopsTypes> type in types)
            {
                JsonValue[] names = type.Source.List("data types");
                foreach (OperatorRate rate in Enum.GetValues<OperatorRate>())
                {
                    if (chip.Economics!.JoulesPerFlop(type.Value, rate) is null)
                    {
                        throw names[(int)rate].Complaint($"a type whose joules_per_flop {chip.Name} states, without which its power_cap caps nothing");
                    }
                }
            }
        }
    }

    /// <summary>What goes by prices needs those of every chip.</summary>
    /// <param name="complaint">What is wrong with what goes by them, of what is expected.</param>
    /// <param name="isAsked">Whether it does.</param>
    /// <param name="otherwise">What needs none.</param>
    /// <param name="jobs">The jobs.</param>
    public static void Prices(Func<string, ConfigurationException> complaint, bool isAsked, string otherwise, Job[] jobs)
    {
        if (isAsked && jobs.SelectMany(job => new[] { job.PrefillChip, job.DecodeChip }).FirstOrDefault(chip => chip.DollarsPerHour is null) is { } unpriced)
        {
            throw complaint($"{otherwise}, or a chip that states price_per_hour: {unpriced.Name} states none");
        }
    }

    /// <summary>The seed's own rule: the activation width is that of the matrix data type, of 4 bits with its scales or without.</summary>
    public static void ActivationWidth(Listed<Precision>[] precisions, Listed<FlopsTypes>[] types, Findings findings)
    {
        const double FourBits = 0.5;
        foreach (Listed<Precision> precision in precisions)
        {
            foreach (Listed<FlopsTypes> type in types)
            {
                double written = precision.Value.ActivationBytes;
                if (Width(type.Value.Matrix) is { } width && width != written && (width != FourBits || written != RooflineChip.ActivationBytes(NumberKind.FourBit)))
                {
                    findings.Warn(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{precision.Source.File}: {precision.Source.Path}[1]: activations of {written} bytes disagree with the matrix type {type.Value.Matrix} ({width} bytes{(width == FourBits ? ", with scales 0.5625" : "")})"));
                }
            }
        }
    }

    /// <summary>
    /// A run's weight bytes stand for the quantized weights of a checkpoint, scales and zero points included; the seed's activations are
    /// checked the same way.
    /// </summary>
    public static void StoredWidth(Listed<Precision>[] precisions, Listed<TransformerModel>[] models, Findings findings)
    {
        foreach (Listed<Precision> precision in precisions)
        {
            foreach (TransformerModel model in models.Select(model => model.Value))
            {
                double written = precision.Value.WeightBytes;
                if (model.Structure?.Storage is { IsQuantized: true, MainBytes: var stored } && Math.Abs(written - stored) > WidthTolerance * stored)
                {
                    findings.Warn(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{precision.Source.File}: {precision.Source.Path}[0]: weights of {written} bytes disagree with the quantization of {model.Name} ({stored:0.#####} bytes a weight, scales included)"));
                }
            }
        }
    }

    public static void StaticLatency(Listed<ChipPair>[] chips, Accounting accounting, Findings findings)
    {
        bool isIgnored = accounting == Accounting.Seed
            && Array.Exists(chips, pair => pair.Value.Prefill.StaticLatencySeconds > 0 || pair.Value.Decode.StaticLatencySeconds > 0);
        if (isIgnored)
        {
            findings.Warn("static_latency of a system counts in physical accounting alone; this run has seed accounting");
        }
    }

    public static void Operators(Listed<ChipPair>[] chips, Accounting accounting, Findings findings)
    {
        foreach (Chip chip in chips.SelectMany(pair => new[] { pair.Value.Prefill, pair.Value.Decode }))
        {
            if (chip is { Efficiency: not null, Timings: null })
            {
                findings.Warn(
                    $"{chip.Name} states no operators.compute_units, which its efficiency model goes by; {GuessedUnits.Of(chip)}");
            }
        }

        if (accounting == Accounting.Seed && Array.Exists(chips, pair => pair.Value.Prefill is { Timings: not null, Efficiency: null } || pair.Value.Decode is { Timings: not null, Efficiency: null }))
        {
            findings.Warn("operators of a system price launches in physical accounting alone; this run has seed accounting, which takes its rates and efficiencies");
        }
    }

    public static void Vocabulary(Listed<TransformerModel>[] models, Accounting accounting, Findings findings)
    {
        if (accounting == Accounting.Seed && Array.Exists(models, model => model.Value.Vocabulary > 0))
        {
            findings.Warn("vocab_size of a model counts in physical accounting alone; this run has seed accounting");
        }
    }

    private static void Require(JsonValue source, string type, string unit, Chip chip, IEnumerable<string> known, JsonValue systems)
    {
        if (!known.Contains(type))
        {
            string[] near = NearestDataType.Several(type, known);
            near = near.Length > 0 ? near : NearestName.Of(type, known) is { } nearest ? [nearest] : [];
            throw source.Complaint($"a {unit} type of {chip.Name} in {systems.Path}: {string.Join(", ", known)}", near);
        }
    }

    /// <summary>Bytes of a data type whose name is letters and then its bits, such as float8 or fp8_e4m3; null for other names.</summary>
    private static double? Width(string type)
    {
        return char.IsAsciiLetter(type[0]) && MatrixPeaks.BitsOf(type) is { } bits ? bits / 8d : null;
    }
}
