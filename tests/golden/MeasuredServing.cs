using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>What <c>validate</c> says of measured serving runs.</summary>
internal sealed class MeasuredServing : IDisposable
{
    private readonly JsonDocument printed;
    private readonly Dictionary<string, JsonElement> kinds;

    private MeasuredServing(JsonDocument printed)
    {
        this.printed = printed;
        kinds = printed.RootElement.GetProperty("groups").EnumerateArray()
            .Where(group => group.GetProperty("group").GetString() == "all")
            .ToDictionary(group => group.GetProperty("by").GetString()!);
    }

    /// <summary>Asks it.</summary>
    /// <param name="rows">Table of the runs.</param>
    /// <param name="models">Folder of their models.</param>
    public static MeasuredServing Of(string rows, string models)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "validate", "-t", rows, "--models", models, "--systems", Repository.PathOf("data", "systems"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        return new MeasuredServing(JsonDocument.Parse(outcome.Output));
    }

    /// <summary>A figure of all runs of a mode.</summary>
    public double Figure(string mode, string latency, string name) => kinds[mode].GetProperty(latency).GetProperty(name).GetDouble();

    public void Dispose() => printed.Dispose();
}
