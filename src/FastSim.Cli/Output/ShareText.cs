using System.Globalization;

namespace FastSim.Cli.Output;

/// <summary>Shares as tables for people show them.</summary>
internal static class ShareText
{
    /// <summary>Percent to a tenth; nothing where there is no number.</summary>
    public static string Percent(double share) =>
        double.IsNaN(share) ? "" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
