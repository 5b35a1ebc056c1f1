using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Learned times of a chip that states no compute units: these go by its peak in 16 bits alone, so that a higher peak of a narrower format never makes it slower.</summary>
public sealed class GuessedUnitTests
{
    private static readonly string[] Learned = ["--restart", "--efficiency-model", Repository.PathOf("data", "surrogates", "limits.onnx")];

    /// <summary>
    /// Under vLLM 4,000 TFLOP/s in 4 bits serve 2,960 tokens/s a card. When units went by the job's own peak, 6,000 were of units too narrow to fetch by themselves, and served 181.
    /// </summary>
    [Fact]
    public void A_faster_format_of_four_bits_serves_more()
    {
        double[] served = Served("float4", [4000, 4400, 5000, 5500, 6000, 8000], Vllm);
        Assert.InRange(served[0], 2900, 3020);
        Assert.InRange(served[4], 3100, 3230);
        AssertNeverLess(served);
    }

    /// <summary>Every format of the chip from a third to three times as fast, by units that stay but for those of 16 bits, whose number goes with the peak and whose width stays.</summary>
    [Theory]
    [InlineData("float4", Vllm)]
    [InlineData("float4", "")]
    [InlineData("float8", Vllm)]
    [InlineData("float8", "")]
    [InlineData("float16", Vllm)]
    [InlineData("float16", "")]
    public void No_peak_that_is_higher_serves_less(string type, string runtime)
    {
        double[] peaks = [.. Enumerable.Range(0, 13).Select(step => 1500 * Math.Pow(3, (step - 6) / 6d))];
        double[] served = Served(type, peaks, runtime);
        Assert.True(served[^1] > served[0]);
        AssertNeverLess(served);
    }

    /// <summary>Under an engine a variant has the units of its own peak, in forms beside learned times, too: the answer that a sweep of it alone has.</summary>
    [Fact]
    public void A_variant_has_the_units_that_it_has_by_itself()
    {
        double[] peaks = [500, 1000, 3000];
        double[] swept = Served("float16", peaks, Vllm);
        Assert.Equal(peaks.Select(peak => Served("float16", [peak], Vllm)[0]), swept);
    }

    [Fact]
    public void A_warning_names_the_peak_and_the_kernels()
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep("""{"path": "decode.system.mem1.GBps", "values": [6683]}""", "", Learned);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(
            "states no operators.compute_units, which its efficiency model goes by; taken as its float16 peak over 7.5 TFLOP/s a unit, which fetch by themselves (asynchronous_units)",
            outcome.Error,
            StringComparison.Ordinal);
    }

    private const string Vllm = ", \"accounting\": \"physical\", \"engine\": \"vllm\"";

    /// <summary>Of equal answers the last bits may differ: rounding of sums.</summary>
    private static void AssertNeverLess(double[] served) =>
        Assert.All(served.Skip(1).Zip(served), pair => Assert.True(pair.First >= pair.Second * (1 - 1e-12), $"{pair.First} after {pair.Second}"));

    private static double[] Served(string type, double[] peaks, string runtime)
    {
        using SweepFiles files = new();
        files.Write("decode.json", SweepFiles.Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"", runtime));
        string values = string.Join(", ", peaks.Select(peak => peak.ToString("R", CultureInfo.InvariantCulture)));
        string[] timing = runtime.Length > 0 ? ["--timing", "learned"] : [];
        FastSimProgram.Outcome outcome = files.Sweep($$"""{"path": "decode.system.matrix.{{type}}.tflops", "values": [{{values}}]}""", "", [.. Learned, .. timing]);
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        int column = table.Header.ToList().IndexOf("tokens_per_second_per_card");
        return [.. table.Rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture))];
    }
}
