using System.Globalization;
using FastSim.Kernels.Hardware;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>What bounds a variant, in words.</summary>
internal static class SweepWords
{
    /// <summary>What keeps the batch from being larger.</summary>
    public static string Of(BatchBound bound) => bound switch
    {
        BatchBound.Capacity => "capacity",
        BatchBound.LatencyLimit => "latency limit",
        BatchBound.Stated => "stated",
        BatchBound.Rate => "rate",
        _ => "efficiency",
    };

    /// <summary>Why a variant has no plan, and the nearest miss; nothing when it has one.</summary>
    public static string Of(VariantResult result)
    {
        if (result.HasPlan)
        {
            return "";
        }

        VariantMiss miss = result.Miss;
        string phase = result.MissIsPrefill ? "prefill " : "";
        return miss.Kind switch
        {
            MissKind.Memory => string.Create(
                CultureInfo.InvariantCulture,
                $"{phase}memory: needs {Gibibytes(miss.Needed):0.0} GiB of {Gibibytes(miss.Limit):0.##}"),
            MissKind.FirstToken => string.Create(CultureInfo.InvariantCulture, $"{phase}latency: TTFT {miss.Needed:0.0} ms of {miss.Limit:0.####} at the smallest batch"),
            MissKind.PerToken => string.Create(CultureInfo.InvariantCulture, $"{phase}latency: TPOT {miss.Needed:0.0} ms of {miss.Limit:0.####} at the smallest batch"),
            MissKind.Divisibility => $"{phase}divisibility: the model cannot be cut into any layout",
            MissKind.Split => "no split pairs card counts that have plans",
            _ => $"{phase}network: no tier reaches across any layout",
        };
    }

    private static double Gibibytes(double bytes) => bytes / DeviceMemory.BytesPerGibibyte;
}
