using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>A calibration to a chip's own measurements, on fewer cases than it usually fits to.</summary>
internal static class MeasuredCalibration
{
    private const string Sample = "800";

    /// <summary>What it printed; the test is skipped where the measurements are absent.</summary>
    /// <param name="folder">Folder of the shared measurements.</param>
    /// <param name="measured">The chip's among them.</param>
    /// <param name="system">The chip's system.</param>
    public static JsonDocument Run(string folder, string measured, string system)
    {
        string operators = Repository.SharedOrSkip("data", "measured", folder, measured);
        using TemporaryFolder output = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", operators, "--system", Repository.PathOf("data", "systems", $"{system}.json"), "-o", output.PathOf("out.json"),
            "--sample", Sample, "--json");
        Assert.Equal(0, outcome.ExitCode);
        return JsonDocument.Parse(outcome.Output);
    }

    /// <summary>A median error of what was printed of a kind, family or block.</summary>
    public static double Median(JsonElement printed, string which) => printed.GetProperty(which).GetProperty("medianError").GetDouble();
}
