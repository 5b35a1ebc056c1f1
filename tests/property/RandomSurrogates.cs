using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;
using FastSim.Search.Jobs;
using FastSim.Search.Surrogates;

namespace FastSim.Laws.Tests;

/// <summary>Small surrogates of random weights, as ONNX, and jobs whose chips compute in number formats that they know.</summary>
internal static class RandomSurrogates
{
    private static readonly OnnxEfficiency[] Models = [.. Enumerable.Range(0, 4).Select(Create)];

    /// <summary>One of a few.</summary>
    public static OnnxEfficiency Pick(int choice) => Models[(int)((uint)choice % (uint)Models.Length)];

    /// <summary>The job with a surrogate on its chips.</summary>
    public static Job Learned(Job job, int choice) => job with
    {
        Types = new FlopsTypes("float8", "float16", "v"),
        PrefillChip = Learned(job.PrefillChip, Pick(choice)),
        DecodeChip = Learned(job.DecodeChip, Pick(choice)),
    };

    /// <summary>A chip with a surrogate.</summary>
    public static Chip Learned(Chip chip, IEfficiencyModel? model) => chip with
    {
        Matrix = new Dictionary<string, ComputeUnit> { ["float8"] = chip.Matrix.First().Value, ["float16"] = chip.Matrix.Last().Value },
        Efficiency = model,
    };

    /// <summary>An operator of a family, repeated or not.</summary>
    public static OperatorShape Shape(OperatorFamily family, Random random)
    {
        double Power(int least, int most) => Math.Pow(2, random.Next(least, most));
        bool isLatent = family is OperatorFamily.DecodeLatentAttention or OperatorFamily.PrefillLatentAttention;
        double keyValueHeads = isLatent ? 1 : Power(0, 4);
        double experts = Power(3, 9);
        return new OperatorShape(
            family,
            (NumberKind)random.Next(Enum.GetValues<NumberKind>().Length),
            random.Next(1, 300),
            Columns: isLatent ? 1088 : 128 * random.Next(1, 100),
            Depth: isLatent ? 576 : Power(6, 13),
            Heads: keyValueHeads * Power(0, 8),
            KeyValueHeads: keyValueHeads,
            Context: random.Next(1, 70_000),
            Window: random.Next(3) == 0 ? 512 : 0,
            CacheBytes: random.Next(1, 3),
            Chosen: Power(0, 3),
            Experts: experts,
            TensorRanks: Power(0, 3),
            ExpertRanks: Power(0, 3),
            Skew: random.Next(2) * 1.01,
            Gates: random.Next(1, 3),
            Variant: random.Next(2))
        {
            IsRepeated = random.Next(2) == 0,
            Copies = random.Next(6),
            IsTimedAlone = random.Next(2) == 0,
        };
    }

    /// <summary>Peaks of a chip that nobody built.</summary>
    public static RooflineChip Peaks(Random random)
    {
        double half = 1e14 * Math.Exp(random.NextDouble() * 4);
        return new RooflineChip(random.Next(8, 400), 3e11 * Math.Exp(random.NextDouble() * 4), half, 2 * half, (2 + (2 * random.Next(2))) * half)
        {
            Structure = new ChipStructure(
                random.Next(2) * (1e9 + (2e9 * random.NextDouble())), random.Next(2) * 1e8 * random.NextDouble(), 0, 0, random.Next(2) == 0)
            {
                IsAsynchronous = random.Next(3) switch { 0 => null, 1 => false, _ => true },
                HasFourBitFloats = random.Next(2) == 0,
            },
        };
    }

    /// <summary>The bytes of a surrogate that is a step away from its first weights.</summary>
    public static byte[] Bytes(int seed)
    {
        TimedOperators rows = Rows(new Random(seed));

        // Half of the families, so that others keep their tables.
        return TimeNetworkFile.Write(
            Enum.GetValues<OperatorFamily>()
                .Where(family => seed == 0 || ((int)family + seed) % 3 > 0)
                .ToDictionary(family => family, family => Ensemble(rows, family, seed)),
            new FormParameters(FormParameters.Starts.Stated) { AtHeldRates = seed % 2 > 0 },
            seed % 3 == 1 ? Timings : new Dictionary<(string, string), double[]>(),
            []);
    }

    /// <summary>Forms of launches that are of no family, where their fits start.</summary>
    private static Dictionary<(string Family, string Kind), double[]> Timings => new()
    {
        [(CollectiveTiming.Form.Family, "nccl_all_reduce")] = CollectiveTiming.Form.Start,
        [(CollectiveTiming.Form.Family, "nccl_all_gather")] = CollectiveTiming.Form.Start,
        [(EncoderAttentionTiming.Form.Family, $"{EncoderAttentionTiming.SixteenBits}64")] = EncoderAttentionTiming.Form.Start,
        [(IndexSelectionTiming.Form.Family, IndexSelectionTiming.Flat)] = IndexSelectionTiming.Form.Start,
    };

    /// <summary>An ensemble a few steps away from its first weights.</summary>
    public static TimeEnsemble Ensemble(TimedOperators rows, OperatorFamily family, int seed) => new(
    [
        .. Enumerable.Range(0, TimeEnsemble.Size).Select(member => MonotoneTraining.Train(
            rows, OperatorComponents.ComponentsOf(family).Count, 3, seed + (int)family + (100 * member), null)),
    ])
    {
        LeastHalfWidth = 0.2f,
        HalfWidthsOfMarks = [.. Enumerable.Range(0, OperatorComponents.Count - OperatorComponents.Most).Select(mark => 0.1f * (((mark + seed) % 5) - 2))],
        MostHalfWidth = 1,
    };

    /// <summary>Rows of nothing that was ever measured.</summary>
    public static TimedOperators Rows(Random random)
    {
        const int Rows = 256;
        return new TimedOperators(
            Drawn(Rows * OperatorComponents.Count, () => (float)((random.NextDouble() * 20) - 10)),
            Drawn(Rows, () => (float)Math.Exp(random.NextDouble() * 10)),
            Drawn(Rows, () => 1));
    }

    private static OnnxEfficiency Create(int seed) => OnnxEfficiency.Load(Bytes(seed), "random");

    private static float[] Drawn(int count, Func<float> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
