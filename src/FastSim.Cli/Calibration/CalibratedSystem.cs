using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Writes a system with its fitted operators: everything else of the file stays, in order, kinds that were not measured among it. Comments
/// are lost, but for keys that start with <c>_</c>.
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
        Dictionary<(string Family, string Kind), IReadOnlyList<double>> kinds = fits.ToDictionary(fit => (fit.Family, fit.Kind), fit => fit.Parameters);
        foreach ((string family, string kind) in kept)
        {
            kinds[(family, kind)] = earlier!.Find(family, kind)!;
        }

        JsonElement root = JsonText.Load(system);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in root.EnumerateObject())
            {
                if (member.Name == Section)
                {
                    WriteSection(json, root, computeUnits, kept.Length > 0 ? earlier!.CarriedFrom : null, kinds);
                }
                else
                {
                    member.WriteTo(json);
                }
            }

            if (!root.TryGetProperty(Section, out _))
            {
                WriteSection(json, root, computeUnits, kept.Length > 0 ? earlier!.CarriedFrom : null, kinds);
            }

            json.WriteEndObject();
        }

        OutputFile.Write(output, writer => writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray())));
        return kept;
    }

    private static void WriteSection(
        Utf8JsonWriter json,
        JsonElement root,
        int computeUnits,
        string? carriedFrom,
        Dictionary<(string Family, string Kind), IReadOnlyList<double>> kinds)
    {
        json.WriteStartObject(Section);
        if (root.TryGetProperty(Section, out JsonElement before) && before.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty comment in before.EnumerateObject().Where(member => member.Name.StartsWith('_')))
            {
                comment.WriteTo(json);
            }
        }

        json.WriteNumber("compute_units", computeUnits);
        if (carriedFrom is not null)
        {
            json.WriteString("carried_from", carriedFrom);
        }

        foreach ((string family, TimingForm form) in OperatorTimings.Forms)
        {
            string[] own = [.. kinds.Keys.Where(key => key.Family == family).Select(key => key.Kind).Order(StringComparer.Ordinal)];
            if (own.Length == 0)
            {
                continue;
            }

            json.WriteStartObject(family);
            foreach (string kind in own)
            {
                json.WriteStartObject(kind);
                foreach ((TimingParameter parameter, double value) in form.Parameters.Zip(kinds[(family, kind)]))
                {
                    json.WriteNumber(parameter.Name, value);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
