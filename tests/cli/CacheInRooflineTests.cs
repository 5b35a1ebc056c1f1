using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A system that counts on its cache, from the outside: what is shown of it, and what it makes of a sweep of caches.</summary>
public sealed class CacheInRooflineTests
{
    private const string Counted = """, "cache": {"MiB": 0.5, "GBps": 400, "in_roofline": true} """;

    /// <summary>0.5 MiB are 524,288 bytes.</summary>
    [Fact]
    public void It_is_shown()
    {
        using SurrogateFiles files = new();
        files.WriteSystem(Counted);
        using JsonDocument json = JsonDocument.Parse(FastSimProgram.Run("system", "show", files.PathOf("chip.json"), "--json").Output);
        JsonElement cache = json.RootElement.GetProperty("cacheInRoofline");
        Assert.Equal(524288, cache.GetProperty("bytes").GetDouble());
        Assert.Equal(400e9, cache.GetProperty("bytesPerSecond").GetDouble());
        Assert.Contains(
            "0.5 MiB, 400 GB/s: rooflines read intermediate results that fit from there, in physical accounting",
            SheetText.Unfold(FastSimProgram.Run("system", "show", files.PathOf("chip.json")).Output),
            StringComparison.Ordinal);
        files.WriteSystem(""", "cache": {"MiB": 0.5, "GBps": 400} """);
        Assert.DoesNotContain("cacheInRoofline", FastSimProgram.Run("system", "show", files.PathOf("chip.json"), "--json").Output, StringComparison.Ordinal);
    }

    /// <summary>Caches from one that holds no row of the 16 sequences to one that holds all: what does not hold anything is what no cache is, more of it is better.</summary>
    [Fact]
    public void A_sweep_varies_it()
    {
        using SurrogateFiles files = new();
        double Alone(string system)
        {
            files.WriteSystem(system);
            return Swept(files, """{"path": "decode.system.mem1.GBps", "values": [100]}""")[0];
        }

        double without = Alone("");
        Assert.Equal(without, Alone(""", "cache": {"MiB": 50, "GBps": 400} """));
        files.WriteSystem(Counted);
        double[] throughput = Swept(files, """{"path": "decode.system.cache.MiB", "values": [0.000001, 0.005, 50]}""");
        Assert.Equal(without, throughput[0]);
        Assert.True(throughput[1] > throughput[0] && throughput[2] > throughput[1], string.Join(", ", throughput));
    }

    private static double[] Swept(SurrogateFiles files, string axis)
    {
        File.WriteAllText(files.PathOf("sweep.json"), $$"""{"runtime": "runtime.json", "output": "swept", "axes": [{{axis}}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "--restart", "-c", files.PathOf("sweep.json"), "-o", files.PathOf("swept"));
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = CsvTable.Load(files.PathOf("swept", "sweep_result.csv"));
        int column = table.Header.ToList().IndexOf("tokens_per_second_per_card");
        return [.. table.Rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture))];
    }
}
