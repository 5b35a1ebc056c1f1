namespace FastSim.Cli.Configuration;

/// <summary>How the scores of a suite's jobs make one.</summary>
internal enum SuiteMean
{
    /// <summary>The weighted geometric mean.</summary>
    Geometric,

    /// <summary>The weighted harmonic mean.</summary>
    Harmonic,

    /// <summary>The least.</summary>
    Worst,
}

/// <summary>A sweep's jobs as one suite by which a variant is judged (docs/sweeps.md, "A suite of jobs").</summary>
/// <param name="Mean">How their scores make one.</param>
/// <param name="Weights">A weight a job, above 0; null where all weigh the same.</param>
/// <param name="References">What a job's score is divided by before, above 0; null where scores count as they are.</param>
internal sealed record SuiteMix(SuiteMean Mean, IReadOnlyList<double>? Weights, IReadOnlyList<double>? References)
{
    private static readonly Dictionary<string, SuiteMean> Means = new()
    {
        ["geometric"] = SuiteMean.Geometric,
        ["harmonic"] = SuiteMean.Harmonic,
        ["worst"] = SuiteMean.Worst,
    };

    /// <summary>Reads a sweep's; null where it states none.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="findings">Where to put warnings.</param>
    public static SuiteMix? Read(JsonObject sweep, Findings findings)
    {
        if (!sweep.Has("mix"))
        {
            return null;
        }

        JsonObject json = JsonObject.Of(sweep["mix"], "how a suite's scores make one: {\"mean\", \"weights\", \"references\"}").Know(findings, "mean", "weights", "references");
        SuiteMean mean = json["mean"].Word("how a suite's scores make one", Means);
        if (mean == SuiteMean.Worst && json.Has("weights"))
        {
            throw json["weights"].Complaint("no weights beside the worst, which is one job's; references say what each is measured by");
        }

        return new SuiteMix(mean, Numbers(json, "weights"), Numbers(json, "references"));
    }

    private static double[]? Numbers(JsonObject json, string key) => json.Has(key)
        ? Array.ConvertAll(json[key].Items("a number above 0 a job, in the runtime's order"), item => item.Number(NumberRule.Positive))
        : null;
}
