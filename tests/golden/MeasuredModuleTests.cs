using System.Text.Json;
using FastSim.Kernels.Launches;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Kernels of sparse attention and expert exchanges, and whole blocks, measured on real chips: what calibration must reach.</summary>
public sealed class MeasuredModuleTests
{
    private const double GigabytesOfLink = 200e9;
    private const double GigabytesOfNetwork = 50e9;
    private const double ServerCards = 8;

    private static readonly (string Kind, double MostMedian)[] Kinds =
    [
        ("expert_exchange low_latency/dispatch", 0.15),
        ("expert_exchange low_latency/combine", 0.15),
        ("expert_exchange normal/dispatch", 0.15),
        ("expert_exchange normal/combine", 0.15),
        ("index_score fp8", 0.12),
        ("index_selection flat", 0.12),
        ("index_selection top_last", 0.12),
        ("quantize compute_scale", 0.1),
        ("quantize scale", 0.1),
    ];

    private static readonly (string Module, double MostMedian)[] Modules =
    [
        ("dsa_generation_module total", 0.15),
        ("dsa_context_module total", 0.15),
        ("mla_generation_module total", 0.12),
        ("mla_context_module total", 0.12),
    ];

    [Theory]
    [InlineData("h100_sxm", "H100_SXM")]
    [InlineData("b200_sxm", "B200")]
    public void Fitted_kernels_and_blocks_come_as_close_as_they_must(string measured, string system)
    {
        TestLength.SkipUnlessLong("all that was measured on a chip, of which the repository has samples");
        using JsonDocument json = MeasuredCalibration.Run("modules", measured, system);
        Dictionary<string, JsonElement> kinds = json.RootElement.GetProperty("kinds").EnumerateArray()
            .ToDictionary(kind => $"{kind.GetProperty("family").GetString()} {kind.GetProperty("kind").GetString()}");
        Assert.All(Kinds, bound =>
        {
            Assert.InRange(MeasuredCalibration.Median(kinds[bound.Kind], "all"), 0, bound.MostMedian);
            Assert.InRange(MeasuredCalibration.Median(kinds[bound.Kind], "heldOut"), 0, bound.MostMedian);
            Assert.True(MeasuredCalibration.Median(kinds[bound.Kind], "all") < MeasuredCalibration.Median(kinds[bound.Kind], "flat"), bound.Kind);
        });
        HoldModules(json);
    }

    /// <summary>Whole blocks come as close as they must.</summary>
    internal static void HoldModules(JsonDocument printed)
    {
        Dictionary<string, JsonElement> modules = printed.RootElement.GetProperty("modules").EnumerateArray()
            .ToDictionary(module => module.GetProperty("module").GetString()!);
        Assert.All(Modules, bound => Assert.InRange(MeasuredCalibration.Median(modules[bound.Module], "all"), 0, bound.MostMedian));
    }

    /// <summary>
    /// Low latency as DeepEP publishes it (README, 128 tokens, width 7,168, 8 experts of a token, H800 with 200 GB/s of link and 50 GB/s of
    /// network a card), of which nothing is fitted: H100's kernels at those rates.
    /// </summary>
    [Theory]
    [InlineData(8, 77, 114)]
    [InlineData(16, 118, 195)]
    [InlineData(32, 155, 273)]
    [InlineData(64, 173, 314)]
    [InlineData(128, 192, 369)]
    [InlineData(256, 194, 360)]
    public void Published_low_latency_exchanges_come_close(double members, double dispatch, double combine)
    {
        const double Tokens = 128;
        const double Hidden = 7168;
        const double Experts = 288;
        const double MostError = 0.3;
        TimingChip chip = new(132, 3.35e12, GigabytesOfLink);
        double Time(string kind, double bytes) => ExpertExchangeTiming.LowLatency(
            Parameters(kind), chip, GigabytesOfNetwork, Tokens, bytes, 8, Experts, members, ServerCards);
        Assert.InRange(Time(ExpertExchangeTiming.LowLatencyDispatch, ExpertExchangeTiming.DispatchedBytes(Hidden)) / dispatch, 1 - MostError, 1 + MostError);
        Assert.InRange(Time(ExpertExchangeTiming.LowLatencyCombine, ExpertExchangeTiming.ReturnedBytes(Hidden)) / combine, 1 - MostError, 1 + MostError);
    }

    private static double[] Parameters(string kind)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")));
        JsonElement fitted = json.RootElement.GetProperty("operators").GetProperty(ExpertExchangeTiming.Form.Family).GetProperty(kind);
        return [.. ExpertExchangeTiming.Form.Parameters.Select(parameter => fitted.GetProperty(parameter.Name).GetDouble())];
    }
}
