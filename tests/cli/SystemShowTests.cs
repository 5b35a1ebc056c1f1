using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What <c>fastsim system show</c> prints, and how it answers a name that it does not know.</summary>
public sealed class SystemShowTests
{
    /// <summary>Dense rates of a type in TFLOP/s, GB/s of memory, GB/s of the inner network one way: as published, before coefficients.</summary>
    [Theory]
    [InlineData("A100_SXM_80GB", "float16", 312, 2039, 300)]
    [InlineData("H100_SXM", "float8", 1978.9, 3350, 450)]
    [InlineData("H200_SXM", "float8", 1978.9, 4800, 450)]
    [InlineData("H20", "float8", 296, 4000, 450)]
    [InlineData("B200", "float4", 9000, 8000, 900)]
    [InlineData("GB200", "float4", 10000, 8000, 900)]
    [InlineData("L40S", "float8", 733, 864, 32)]
    [InlineData("MI300X", "float8", 2614.9, 5300, 448)]
    [InlineData("910B", "int8", 640, 1600, 196)]
    [InlineData("910C", "int8", 1504, 3200, 392)]
    [InlineData("TPU_v5e", "bfloat16", 197, 819, 200)]
    [InlineData("TPU_v5p", "bfloat16", 459, 2765, 600)]
    [InlineData("TPU_v6e", "bfloat16", 918, 1638, 400)]
    [InlineData("B300", "float4", 14000, 7700, 900)]
    [InlineData("GB300_NVL72", "int8", 165, 8000, 900)]
    [InlineData("MI355X", "float4", 10066, 8000, 537.6)]
    [InlineData("TPU_v7", "float8", 4614, 7380, 600)]
    [InlineData("950PR", "float8", 1000, 1600, 1000)]
    [InlineData("Rubin_NVL72", "float4", 35000, 22000, 1800)]
    [InlineData("RTX_PRO_6000", "bfloat16", 480, 1597, 64)]
    [InlineData("Arc_Pro_B60", "int8", 196.6, 456, 32)]
    public void A_shipped_chip_has_its_published_rates(string file, string type, double teraflops, double memory, double network)
    {
        FastSimProgram.Outcome outcome = Show(Repository.PathOf("data", "systems", file + ".json"), "--accounting", "physical");
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        string[] lines = SheetText.Unfold(outcome.Output).Split('\n');
        Assert.Equal(1, lines.Count(line => line.StartsWith($"matrix {type}", StringComparison.Ordinal)));
        Contains(lines, $"matrix {type}", FormattableString.Invariant($"{0.8 * teraflops:#,0.#####} TFLOP/s: {teraflops:#,0.#####} tflops · 0.8"));
        Contains(lines, "memory", FormattableString.Invariant($"{0.8 * memory:#,0.#####} billion bytes/s: {memory:#,0.#####} GB/s · 0.8"));
        Contains(lines, "network tier 0", FormattableString.Invariant($"{0.8 * network:#,0.#####} billion bytes/s one way: {network:#,0.#####} GB/s · 0.8"));
        Assert.Contains(lines, line => line.StartsWith("network tier 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Seed_accounting_reads_the_units_its_own_way()
    {
        // 1,000 tflops of 1.024e12 at 0.8.
        string[] lines = SheetText.Unfold(Show(Repository.PathOf("data", "systems", "SOW-S1.json")).Output).Split('\n');
        Contains(lines, "accounting", "seed: 1 tflops = 1.024e12 FLOP/s, 1 GB = 2^30 bytes");
        Contains(lines, "matrix float16", "819.2 TFLOP/s: 1,000 tflops · 0.8");
        Contains(lines, "hidden", "100 % of communication");
    }

    [Theory]
    [InlineData("H100", "H100_SXM.json")]
    [InlineData("H300", "H200_SXM.json")]
    [InlineData("B400", "B300.json")]
    [InlineData("gb300_nvl72", "GB300_NVL72.json")]
    [InlineData("H800", "H200_SXM.json")]
    [InlineData("A800_SXM4", "A100_SXM_80GB.json")]
    [InlineData("MI325X", "MI300X.json")]
    [InlineData("nvidia-l40", "L40S.json")]
    [InlineData("TPU_v8", "TPU_v7.json")]
    [InlineData("B20", "B200.json\" or \"GB200.json")]
    [InlineData("MI300", "MI300X.json")]
    public void A_chip_that_is_not_there_is_an_error_with_the_near_names(string name, string near)
    {
        string folder = Repository.PathOf("data", "systems");
        FastSimProgram.Outcome outcome = Show(Path.Combine(folder, name));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.Equal(
            $"error: {Path.Combine(folder, name)}: found no such file; expected a system file; did you mean \"{near}\"?\n",
            outcome.Error.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace($"error: {name}", $"error: {Path.Combine(folder, name)}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_chip_that_is_like_no_other_is_an_error_all_the_same()
    {
        FastSimProgram.Outcome outcome = Show(Repository.PathOf("data", "systems", "abacus"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith("found no such file; expected a system file\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_that_names_a_chip_that_is_not_there_gets_no_other()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        folder.CopyFrom(Repository.PathOf("data", "systems"));
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));
        folder.Write("fusion.json", runtime.Replace("[\"chip.json\"]", "[\"H200.json\"]", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {folder.PathOf("fusion.json")}: pd-fusion.sys_list[0]: found \"H200.json\"; expected the path of a system file, from the working directory or the runtime file's folder; there is no such file; did you mean \"H200_SXM.json\"?\n",
            outcome.Error);
    }

    [Fact]
    public void A_folder_is_no_system() =>
        Assert.EndsWith(": found a folder; expected a system file\n", Show(Repository.PathOf("data", "systems")).Error, StringComparison.Ordinal);

    private static void Contains(string[] lines, string name, string text) =>
        Assert.Contains(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal));

    private static FastSimProgram.Outcome Show(params string[] arguments) => FastSimProgram.Run(["system", "show", .. arguments]);
}
