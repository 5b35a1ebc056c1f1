using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Configuration;

/// <summary>Reads the fitted timings of a system, <c>operators</c> (docs/file-formats.md, "Operators").</summary>
internal static class TimingsReader
{
    /// <summary>The key of the families' errors.</summary>
    internal const string MedianErrors = "median_errors";

    /// <summary>Reads them; null where the system has none.</summary>
    public static OperatorTimings? Read(JsonValue value, Findings findings)
    {
        if (value.IsNull)
        {
            return null;
        }

        JsonObject json = JsonObject.Of(value, "fitted timings of operators: an object")
            .Know(findings, ["compute_units", "carried_from", MedianErrors, .. TimingForms.All.Keys]);
        Dictionary<(string, string), double[]> parameters = [];
        foreach ((string family, TimingForm form) in TimingForms.All)
        {
            if (!json.Has(family))
            {
                continue;
            }

            JsonObject kinds = json.Object(family, "kinds of the family: an object");
            foreach (string kind in kinds.Keys)
            {
                JsonObject kindJson = kinds.Object(kind, "parameters: an object").Know(findings, [.. form.Parameters.Select(parameter => parameter.Name)]);
                parameters[(family, kind)] = [.. form.Parameters.Select(parameter => kindJson.Number(parameter.Name, NumberRule.Positive))];
            }
        }

        return new OperatorTimings(
            json.Integer("compute_units", 1),
            json.Has("carried_from") ? json["carried_from"].Text("the chip the timings were measured on") : null,
            parameters,
            json.Has(MedianErrors) ? Errors(json.Object(MedianErrors, "median errors by family: an object"), findings) : null);
    }

    private static Dictionary<string, double> Errors(JsonObject json, Findings findings)
    {
        json.Know(findings, [.. TimingForms.All.Keys]);
        return json.Keys.ToDictionary(family => family, family => json.Number(family, NumberRule.NotNegative));
    }
}
