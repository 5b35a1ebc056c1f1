using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Cli.Calibration;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Serving;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Timing;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim calibrate</c>: fits a system's operator timings to measured operators.</summary>
internal static class CalibrateCommand
{
    private const int MostCases = 2500;

    /// <summary>The families whose errors are summed up, as a reader asks for them.</summary>
    private static readonly (string Name, Func<OperatorKind, bool> Includes)[] Families =
    [
        ("gemm", kind => kind.Family == GemmTiming.Form.Family),
        ("decode attention", kind => kind.Family == DecodeAttentionTiming.Form.Family || kind.Family == OperatorTimings.DecodeLatentAttention),
        ("prefill attention", kind => kind.Family == PrefillAttentionTiming.Form.Family || kind.Family == OperatorTimings.PrefillLatentAttention),
        ("experts", kind => kind.Family == ExpertTiming.Form.Family),
        ("all-reduce", kind => kind.Kind.EndsWith("all_reduce", StringComparison.Ordinal)),
        ("other collectives", kind => kind.Family == CollectiveTiming.Form.Family && !kind.Kind.EndsWith("all_reduce", StringComparison.Ordinal)),
    ];

    /// <summary>The command-line form.</summary>
    public static Command Calibrate(Terminal terminal)
    {
        Option<string[]> operators = new("--ops")
        {
            Description = "Measured operators: Parquet files, or folders of them (docs/validation.md).",
            HelpName = "file|folder",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string> system = new("--system") { Description = "System whose operators they are.", HelpName = "system.json", Required = true };
        Option<string> output = new("--output", "-o")
        {
            Description = "Where the system goes with its timings; comments between keys are not kept.",
            HelpName = "calibrated.json",
            Required = true,
        };
        Option<int?> units = new("--compute-units") { Description = "Streaming multiprocessors or cores of the chip, where the system does not say.", HelpName = "n" };
        Option<int> sample = new("--sample")
        {
            Description = "Cases of each kind to fit to at most.",
            HelpName = "n",
            DefaultValueFactory = _ => MostCases,
        };
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("calibrate", "Fit the timings of a system's operators to measured ones, and say how far off they are before and after.")
        {
            operators, system, output, units, sample, quiet, json, threads,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(operators),
            parsed.GetRequiredValue(system),
            parsed.GetRequiredValue(output),
            parsed.GetValue(units),
            Math.Max(100, parsed.GetValue(sample)),
            parsed.GetValue(quiet),
            parsed.GetValue(json),
            parsed.GetValue(threads) ?? EngineSettings.Default.Workers,
            terminal));
        return command;
    }

    private static int Run(
        string[] operators, string system, string output, int? computeUnits, int most, bool quiet, bool asJson, int threads, Terminal terminal)
    {
        string file = NamedFile.Find(system, "a system file", inFolder: null);
        Chip chip = SystemFile.Load(file, new Findings(allowUnknownKeys: false));
        int units = computeUnits ?? chip.Timings?.ComputeUnits
            ?? throw new ConfigurationException($"{file}: operators.compute_units: found nothing; expected it there, or --compute-units");
        MeasuredOperators measured = new(new CalibratedChip(chip, units));
        string[] files = [.. Files(operators, terminal)];
        OperatorKind[] kinds = [.. files.SelectMany(measured.Read)];
        if (kinds.Length == 0)
        {
            throw new ConfigurationException($"{string.Join(", ", files)}: found no measured operator of a known kind; expected some (docs/validation.md)");
        }

        KindFit[] fits = new KindFit[kinds.Length];
        Parallel.For(0, kinds.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, index => fits[index] = KindFit.Of(kinds[index], most));
        (string Family, string Kind)[] kept = chip.Timings is { } earlier
            ? [.. earlier.Keys.Except(fits.Select(fit => (fit.Kind.Family, fit.Kind.Kind)))]
            : [];
        string text = Written(file, chip.Timings, units, fits, kept);
        OutputFile.Write(output, writer => writer.Write(text));
        if (kept.Length > 0)
        {
            string source = chip.Timings!.CarriedFrom is { } other ? $", carried from {other}" : "";
            terminal.Warn([$"not measured, so as they were{source}: {string.Join(", ", kept.Select(kind => $"{kind.Family} {kind.Kind}").Order(StringComparer.Ordinal))}"]);
        }

        if (asJson)
        {
            terminal.Output.WriteLine(Json(fits));
        }
        else if (!quiet)
        {
            Tell(fits, output, terminal);
        }

        return ExitCodes.Success;
    }

    private static IEnumerable<string> Files(string[] operators, Terminal terminal)
    {
        foreach (string path in operators)
        {
            if (Directory.Exists(path))
            {
                string[] found = [.. Directory.GetFiles(path, "*.parquet").Order(StringComparer.Ordinal)];
                string[] known = [.. found.Where(MeasuredOperators.Knows)];
                if (known.Length == 0)
                {
                    throw new ConfigurationException(
                        $"{path}: found a folder without measured operators; expected files named {string.Join(".parquet, ", MeasuredOperators.Known)}.parquet");
                }

                if (found.Length > known.Length)
                {
                    terminal.Warn([$"{path}: not of a known operator, so left out: {string.Join(", ", found.Except(known).Select(Path.GetFileName))}"]);
                }

                foreach (string file in known)
                {
                    yield return file;
                }
            }
            else
            {
                yield return File.Exists(path) ? path : throw new ConfigurationException($"{path}: found no such file; expected measured operators");
            }
        }
    }

    /// <summary>The system with its timings, all else as it was.</summary>
    private static string Written(string file, OperatorTimings? earlier, int units, KindFit[] fits, (string Family, string Kind)[] kept)
    {
        JsonNode root = JsonNode.Parse(JsonText.Load(file).GetRawText())!;
        System.Text.Json.Nodes.JsonObject section = new() { ["compute_units"] = units };
        if (kept.Length > 0 && earlier!.CarriedFrom is { } other)
        {
            section["carried_from"] = other;
        }

        IEnumerable<(string Family, string Kind, double[] Parameters)> all = fits
            .Select(fit => (fit.Kind.Family, fit.Kind.Kind, fit.Parameters))
            .Concat(kept.Select(kind => (kind.Family, kind.Kind, earlier!.Find(kind.Family, kind.Kind)!)));
        foreach (IGrouping<string, (string Family, string Kind, double[] Parameters)> family in all.GroupBy(kind => kind.Family))
        {
            System.Text.Json.Nodes.JsonObject own = [];
            foreach ((_, string kind, double[] numbers) in family)
            {
                System.Text.Json.Nodes.JsonObject parameters = [];
                foreach ((TimingParameter parameter, double number) in OperatorTimings.Forms[family.Key].Parameters.Zip(numbers))
                {
                    parameters[parameter.Name] = number;
                }

                own[kind] = parameters;
            }

            section[family.Key] = own;
        }

        root["operators"] = section;
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            root.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static IEnumerable<(string Name, ErrorStatistics Flat, ErrorStatistics All)> Totals(KindFit[] fits) => Families
        .Select(family => (family.Name, Fits: fits.Where(fit => family.Includes(fit.Kind)).ToArray()))
        .Where(family => family.Fits.Length > 0)
        .Select(family => (
            family.Name,
            ErrorStatistics.Of(family.Fits.SelectMany(fit => fit.FlatRatios)),
            ErrorStatistics.Of(family.Fits.SelectMany(fit => fit.Ratios))));

    private static void Tell(KindFit[] fits, string output, Terminal terminal)
    {
        string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
        terminal.Output.WriteLine($"{"",-46} {"rows",8}  {"flat median",11}  {"fitted",8} {"held out",8} {"all",8} {"mean",8}");
        foreach (KindFit fit in fits)
        {
            terminal.Output.WriteLine(
                $"{fit.Kind.Family + " " + fit.Kind.Kind,-46} {fit.All.Count,8}  {Percent(fit.Flat.MedianError),11}  {Percent(fit.Fitted.MedianError),8} {Percent(fit.HeldOut.MedianError),8} {Percent(fit.All.MedianError),8} {Percent(fit.All.MeanError),8}");
        }

        foreach ((string name, ErrorStatistics flat, ErrorStatistics all) in Totals(fits))
        {
            terminal.Output.WriteLine(
                $"{"all of " + name,-46} {all.Count,8}  {Percent(flat.MedianError),11}  {"",8} {"",8} {Percent(all.MedianError),8} {Percent(all.MeanError),8}");
        }

        terminal.Output.WriteLine($"system: {output}");
    }

    private static string Json(KindFit[] fits)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("kinds");
            foreach (KindFit fit in fits)
            {
                json.WriteStartObject();
                json.WriteString("family", fit.Kind.Family);
                json.WriteString("kind", fit.Kind.Kind);
                Write(json, fit.Flat, fit.All);
                json.WriteNumber("fittedMedianError", fit.Fitted.MedianError);
                if (fit.HeldOut.Count > 0)
                {
                    json.WriteNumber("heldOutMedianError", fit.HeldOut.MedianError);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("families");
            foreach ((string name, ErrorStatistics flat, ErrorStatistics all) in Totals(fits))
            {
                json.WriteStartObject();
                json.WriteString("family", name);
                Write(json, flat, all);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, ErrorStatistics flat, ErrorStatistics all)
    {
        json.WriteNumber("rows", all.Count);
        json.WriteNumber("flatMedianError", flat.MedianError);
        json.WriteNumber("medianError", all.MedianError);
        json.WriteNumber("meanError", all.MeanError);
    }
}
