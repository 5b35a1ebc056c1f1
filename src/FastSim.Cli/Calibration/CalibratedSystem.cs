using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Writes a system with its fitted operators: every other key keeps its place and its text, kinds that were not measured their values.
/// Comments are lost, but for keys that start with <c>_</c>.
/// </summary>
internal static class CalibratedSystem
{
    private const string Section = "operators";

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it, whole or not at all.</summary>
    /// <param name="system">The system's file.</param>
    /// <param name="output">Where it goes; may be the same file.</param>
    /// <param name="earlier">Timings that the file has; null for none.</param>
    /// <param name="computeUnits">Compute units.</param>
    /// <param name="fits">The fits.</param>
    /// <returns>Families and kinds that stayed as they were.</returns>
    /// <exception cref="ConfigurationException">A file cannot be read or written.</exception>
    public static IReadOnlyList<(string Family, string Kind)> Write(
        string system, string output, OperatorTimings? earlier, int computeUnits, IReadOnlyList<OperatorFit> fits)
    {
        (string Family, string Kind)[] kept = [.. (earlier?.Keys ?? []).Except(fits.Select(fit => (fit.Family, fit.Kind))).Order()];
        OperatorTimings timings = Timings(earlier, computeUnits, fits);

        JsonElement root = SystemDocument.Load(system);
        string section = SectionText(root, kept.Length > 0 ? earlier!.CarriedFrom : null, Errors(earlier, fits, kept), timings);
        List<string> members =
            [.. root.EnumerateObject().Select(member => $"  {Quoted(member.Name)}: {(member.Name == Section ? section : TextOf(member.Value))}")];
        if (!root.TryGetProperty(Section, out _))
        {
            members.Add($"  {Quoted(Section)}: {section}");
        }

        OutputFile.Write(output, writer => writer.Write($"{{\n{string.Join(",\n", members)}\n}}\n"), inPlaceOf: system);
        return kept;
    }

    /// <summary>Timings of which some are fitted anew.</summary>
    /// <param name="earlier">Timings before; null for none.</param>
    /// <param name="computeUnits">Compute units.</param>
    /// <param name="fits">The fits.</param>
    public static OperatorTimings Timings(OperatorTimings? earlier, int computeUnits, IReadOnlyList<OperatorFit> fits)
    {
        Dictionary<(string Family, string Kind), double[]> kinds = (earlier?.Keys ?? []).ToDictionary(key => key, key => earlier!.Find(key.Family, key.Kind)!);
        foreach (OperatorFit fit in fits)
        {
            kinds[(fit.Family, fit.Kind)] = [.. fit.Parameters];
        }

        return new OperatorTimings(computeUnits, earlier?.CarriedFrom, kinds);
    }

    /// <summary>Median errors by family, in the order of families. A family of which some kinds are as they were keeps its error where that is larger.</summary>
    private static List<(string Family, double Error)> Errors(OperatorTimings? earlier, IReadOnlyList<OperatorFit> fits, (string Family, string Kind)[] kept)
    {
        const int Decimals = 3;
        Dictionary<string, double> fitted = FamilyErrors.Of(fits).ToDictionary(family => family.Name, family => Math.Round(family.All.Median, Decimals));
        List<(string Family, double Error)> errors = [];
        foreach (string family in TimingForms.All.Keys)
        {
            double? before = kept.Any(kind => kind.Family == family) ? earlier!.MedianError(family) : null;
            double? own = fitted.TryGetValue(family, out double error) ? error : null;
            if (own is not null || before is not null)
            {
                errors.Add((family, Math.Max(own ?? 0, before ?? 0)));
            }
        }

        return errors;
    }

    /// <summary>A line a kind, so that a file stays one that people read.</summary>
    private static string SectionText(
        JsonElement root, string? carriedFrom, List<(string Family, double Error)> errors, OperatorTimings timings)
    {
        List<string> members = [];
        if (root.TryGetProperty(Section, out JsonElement before) && before.ValueKind == JsonValueKind.Object)
        {
            members.AddRange(before.EnumerateObject()
                .Where(member => member.Name.StartsWith('_'))
                .Select(member => $"    {Quoted(member.Name)}: {TextOf(member.Value)}"));
        }

        members.Add(string.Create(CultureInfo.InvariantCulture, $"    \"compute_units\": {timings.ComputeUnits}"));
        if (carriedFrom is not null)
        {
            members.Add($"    \"carried_from\": {Quoted(carriedFrom)}");
        }

        if (errors.Count > 0)
        {
            string texts = string.Join(", ", errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"\"{error.Family}\": {error.Error:R}")));
            members.Add($"    \"{TimingsReader.MedianErrors}\": {{{texts}}}");
        }

        foreach ((string family, TimingForm form) in TimingForms.All)
        {
            string[] own =
            [
                .. timings.Keys.Where(key => key.Family == family)
                    .Select(key => key.Kind)
                    .Order(StringComparer.Ordinal)
                    .Select(kind => $"      {Quoted(kind)}: {{{Parameters(form, timings.Find(family, kind)!)}}}"),
            ];
            if (own.Length > 0)
            {
                members.Add($"    \"{family}\": {{\n{string.Join(",\n", own)}\n    }}");
            }
        }

        return $"{{\n{string.Join(",\n", members)}\n  }}";
    }

    private static string Parameters(TimingForm form, IReadOnlyList<double> values) => string.Join(
        ", ", form.Parameters.Zip(values, (parameter, value) => string.Create(CultureInfo.InvariantCulture, $"\"{parameter.Name}\": {Cell.Finite(value, parameter.Name):R}")));

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>A value as it was written, if that is JSON: the reader also takes commas after a last item.</summary>
    private static string TextOf(JsonElement value)
    {
        try
        {
            using JsonDocument strict = JsonDocument.Parse(value.GetRawText());
            return value.GetRawText();
        }
        catch (JsonException)
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter json = new(stream, Options))
            {
                value.WriteTo(json);
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }
}
