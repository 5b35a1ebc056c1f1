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

    /// <summary>The bytes of a surrogate that is a step away from its first weights.</summary>
    public static byte[] Bytes(int seed)
    {
        const int Rows = 256;
        Random random = new(seed);
        TimedOperators rows = new(
            Drawn(Rows * OperatorFeatures.Count, () => (float)((random.NextDouble() * 20) - 10)),
            Drawn(Rows, () => (float)Math.Exp(random.NextDouble() * 8)),
            Drawn(Rows, () => (float)Math.Exp(random.NextDouble() * 10)),
            Drawn(Rows, () => 1));
        float[] hull = [.. Enumerable.Range(0, OperatorFeatures.Count).SelectMany(_ => new[] { -10f, 10f })];

        // Half of the families, so that others keep their tables.
        return EfficiencyNetworkFile.Write(
            Enum.GetValues<OperatorFamily>().Where(family => seed == 0 || ((int)family + seed) % 3 > 0).ToDictionary(
                family => family,
                family => (EfficiencyNetwork.Train(rows, new EfficiencyRange(0.05, 0.9, 0.01, 2), 3, seed + (int)family, null), hull)),
            []);
    }

    private static OnnxEfficiency Create(int seed) => OnnxEfficiency.Load(Bytes(seed), "random");

    private static float[] Drawn(int count, Func<float> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
