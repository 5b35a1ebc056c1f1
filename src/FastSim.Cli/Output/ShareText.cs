using System.Globalization;

namespace FastSim.Cli.Output;

/// <summary>Shares as tables for people show them.</summary>
internal static class ShareText
{
    /// <summary>Percent to a tenth; nothing where there is no number.</summary>
    public static string Percent(double share) =>
        double.IsNaN(share) ? "" : $"{Tenths(share)} %";

    /// <summary>Percent to a tenth, without the sign of percent; nothing where there is no number.</summary>
    public static string Tenths(double share) => double.IsNaN(share) ? "" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The same with its sign.</summary>
    public static string Signed(double share) => double.IsNaN(share) ? "" : (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
