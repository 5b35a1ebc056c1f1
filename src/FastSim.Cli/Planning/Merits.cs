using System.Globalization;

namespace FastSim.Cli.Planning;

/// <summary>A deployment's figures in as many digits as they are worth.</summary>
internal readonly struct Merits(PlannedDeployment deployment)
{
    public string Requests => deployment.RequestsPerSecond.ToString("G4", CultureInfo.InvariantCulture);

    public string FirstToken => (deployment.Point.Merit.FirstTokenSeconds * 1000).ToString("N0", CultureInfo.InvariantCulture);

    public string PerToken => (deployment.Point.Merit.PerTokenSeconds * 1000).ToString("0.0", CultureInfo.InvariantCulture);
}
