using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Sweeps by learned times over a peak that no operator's data type has: what kernels compute in 16 bits goes by it all the same.</summary>
public sealed class LearnedSweepTests
{
    private const string Peak = "matrix.float16.tflops";

    /// <summary>The job's types are of 4 and 8 bits, its attention decodes by kernels that are priced by the peak of 16: each chip of the sweep has the answer that it has as a base of its own.</summary>
    [Theory]
    [InlineData("limits.onnx")]
    [InlineData("operators.onnx")]
    public void Over_the_peak_of_16_bits_a_chip_has_the_answer_that_it_has_by_itself(string model)
    {
        double[] peaks = [1000, 2500, 4000];
        string[] options = ["--restart", "--efficiency-model", Repository.PathOf("data", "surrogates", model)];
        using SweepFiles files = new();
        FastSimProgram.Outcome swept = files.Sweep($$"""{"path": "decode.system.{{Peak}}", "values": [{{string.Join(", ", peaks)}}]}""", "", options);
        Assert.Equal(0, swept.ExitCode);
        Assert.DoesNotContain("changes nothing", swept.Error, StringComparison.Ordinal);
        string[][] answers = Answers(files);
        Assert.Equal(peaks.Length, answers.Distinct(EqualityComparer<string[]>.Create((one, other) => one!.SequenceEqual(other!), answer => answer.Length)).Count());
        string system = File.ReadAllText(files.PathOf("systems", "SOW-U1-POR.json"));
        Assert.Contains("\"tflops\": 1000", system, StringComparison.Ordinal);
        for (int index = 0; index < peaks.Length; index++)
        {
            string tflops = $"\"tflops\": {peaks[index].ToString(CultureInfo.InvariantCulture)}";
            files.Write(Path.Combine("systems", "SOW-U1-POR.json"), system.Replace("\"tflops\": 1000", tflops, StringComparison.Ordinal));
            Assert.Equal(0, files.Sweep("""{"path": "decode.system.mem1.GBps", "values": [6683]}""", "", options).ExitCode);
            Assert.Equal(Answers(files)[0], answers[index]);
        }
    }

    /// <summary>Deployments read their weights from memory whatever cache a chip has, by learned times, too: an axis over its size is named, and not where rooflines count on it.</summary>
    [Fact]
    public void Over_the_size_of_the_cache_a_warning_says_that_nothing_moves()
    {
        const string Warning = "sweep.json: decode.system.cache.MiB changes nothing: ";
        using SurrogateFiles files = new();
        FastSimProgram.Outcome Sweep() => FastSimProgram.Run(
            "sweep", "--restart", "-c", files.WriteSweep("decode.system.cache.MiB"), "-o", files.PathOf("swept"), "--efficiency-model", Repository.PathOf("data", "surrogates", "limits.onnx"));
        files.WriteSystem(""", "cache": {"MiB": 50}""");
        FastSimProgram.Outcome outcome = Sweep();
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(2, outcome.Error.Split(Warning).Length);
        files.WriteSystem(""", "cache": {"MiB": 50, "GBps": 5000, "in_roofline": true}""");
        outcome = Sweep();
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain(Warning, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>A sweep's rows, but for the axis and the variant's number.</summary>
    private static string[][] Answers(SweepFiles files)
    {
        CsvTable table = files.Result();
        int first = table.Header.ToList().FindIndex(name => name.StartsWith("decoder_", StringComparison.Ordinal));
        Assert.InRange(first, 1, table.Header.Count - 1);
        return [.. table.Rows.Select(row => row.Skip(first).ToArray())];
    }
}
