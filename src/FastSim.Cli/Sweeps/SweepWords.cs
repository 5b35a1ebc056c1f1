using System.Globalization;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
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
        BatchBound.Objective => "objective",
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
            MissKind.Memory when double.IsInfinity(miss.Needed) => $"{phase}memory: no share fits the second memory",
            MissKind.Memory => $"{phase}memory: needs {Digits(Gibibytes(miss.Needed), Gibibytes(miss.Limit), " GiB of ")}",
            MissKind.FirstToken => $"{phase}latency: TTFT {Digits(miss.Needed, miss.Limit, " ms of ")} at the smallest batch",
            MissKind.PerToken => $"{phase}latency: TPOT {Digits(miss.Needed, miss.Limit, " ms of ")} at the smallest batch",
            MissKind.Divisibility => $"{phase}divisibility: the model cannot be cut into any layout",
            MissKind.Cost => $"cost: {Digits(miss.Needed, miss.Limit, " dollars a million tokens of ")}",
            MissKind.Energy => $"energy: {Digits(miss.Needed, miss.Limit, " J a token of ")}",
            MissKind.Split => "no split pairs card counts that have plans",
            _ => $"{phase}network: no tier reaches across any layout",
        };
    }

    /// <summary>What is needed and what there is: few digits, but as many as tell small figures, and say that the one is beyond the other.</summary>
    private static string Digits(double needed, double limit, string of)
    {
        const double Small = 1;
        const int MostFurther = 12;
        for (int further = 0; further <= MostFurther; further++)
        {
            string more = new('#', further);
            string first = needed.ToString(needed < Small ? $"G{4 + further}" : $"0.0{more}", CultureInfo.InvariantCulture);
            string second = limit.ToString(limit < Small ? $"G{4 + further}" : $"0.####{more}", CultureInfo.InvariantCulture);
            if (double.Parse(first, CultureInfo.InvariantCulture) > double.Parse(second, CultureInfo.InvariantCulture))
            {
                return first + of + second;
            }
        }

        return Cell.Of(needed) + of + Cell.Of(limit);
    }

    private static double Gibibytes(double bytes) => bytes / DeviceMemory.BytesPerGibibyte;
}
