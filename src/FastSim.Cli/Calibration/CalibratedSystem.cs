using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Calibration;

/// <summary>Writes a system with its fitted operators: everything else of the file stays, in order; comments are lost.</summary>
internal static class CalibratedSystem
{
    private const string Section = "operators";

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it, whole or not at all.</summary>
    /// <param name="system">The system's file.</param>
    /// <param name="output">Where it goes; may be the same file.</param>
    /// <param name="computeUnits">Compute units.</param>
    /// <param name="fits">The fits.</param>
    /// <exception cref="ConfigurationException">A file cannot be read or written.</exception>
    public static void Write(string system, string output, int computeUnits, IReadOnlyList<OperatorFit> fits)
    {
        JsonElement root = JsonText.Load(system);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in root.EnumerateObject())
            {
                if (member.Name == Section)
                {
                    WriteSection(json, computeUnits, fits);
                }
                else
                {
                    member.WriteTo(json);
                }
            }

            if (!root.TryGetProperty(Section, out _))
            {
                WriteSection(json, computeUnits, fits);
            }

            json.WriteEndObject();
        }

        OutputFile.Write(output, writer => writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray())));
    }

    private static void WriteSection(Utf8JsonWriter json, int computeUnits, IReadOnlyList<OperatorFit> fits)
    {
        json.WriteStartObject(Section);
        json.WriteNumber("compute_units", computeUnits);
        foreach (IGrouping<string, OperatorFit> family in fits.GroupBy(fit => fit.Family))
        {
            json.WriteStartObject(family.Key);
            foreach (OperatorFit fit in family)
            {
                json.WriteStartObject(fit.Kind);
                foreach ((TimingParameter parameter, double value) in OperatorTimings.Forms[fit.Family].Parameters.Zip(fit.Parameters))
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
