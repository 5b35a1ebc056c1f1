using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>Reads a runtime file and the models and systems it names (docs/file-formats.md, "Runtime").</summary>
public static class RuntimeFile
{
    /// <summary>Words of <c>output_format</c> and <c>--format</c>.</summary>
    public static IReadOnlyDictionary<string, OutputForm> Forms { get; } = new Dictionary<string, OutputForm>
    {
        ["wide"] = OutputForm.Wide,
        ["categorised"] = OutputForm.Categorised,
    };

    /// <summary>Words of <c>accounting</c> and <c>--accounting</c>.</summary>
    public static IReadOnlyDictionary<string, Accounting> Accountings { get; } = new Dictionary<string, Accounting>
    {
        ["seed"] = Accounting.Seed,
        ["physical"] = Accounting.Physical,
    };

    /// <summary>Words of <c>split_choice</c>.</summary>
    internal static IReadOnlyDictionary<string, SplitAim> SplitAims { get; } = new Dictionary<string, SplitAim>
    {
        ["balanced"] = SplitAim.Balanced,
        ["throughput"] = SplitAim.Throughput,
    };

    /// <summary>Words of <c>objective</c> and <c>--objective</c>.</summary>
    public static IReadOnlyDictionary<string, PlanObjective> Objectives { get; } = new Dictionary<string, PlanObjective>
    {
        ["throughput"] = PlanObjective.Throughput,
        ["latency"] = PlanObjective.Latency,
        ["ttft"] = PlanObjective.FirstToken,
        ["tpot"] = PlanObjective.PerToken,
        ["cost"] = PlanObjective.Cost,
        ["energy"] = PlanObjective.Energy,
    };

    private static readonly Dictionary<string, ServingMode> Modes = new()
    {
        ["pd-split-request-optimal"] = ServingMode.Split,
        ["pd-fusion"] = ServingMode.Fusion,
    };

    /// <summary>The modes' names in runtime files and result names.</summary>
    internal static IEnumerable<string> ModeNames => Modes.Keys;

    /// <summary>A mode's name in runtime files and result names.</summary>
    public static string NameOf(ServingMode mode) => Modes.Single(pair => pair.Value == mode).Key;

    /// <summary>Reads a runtime file.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="overrides">What the command line says over it.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <returns>Its modes, in the file's order.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static IReadOnlyList<ModeRun> Load(string file, RuntimeOverrides overrides, Findings findings) =>
        Load(file, overrides, findings, new InputDocuments([]));

    /// <summary>Reads a runtime file from documents that a sweep may have changed.</summary>
    internal static IReadOnlyList<ModeRun> Load(string file, RuntimeOverrides overrides, Findings findings, InputDocuments documents)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(overrides);
        ArgumentNullException.ThrowIfNull(findings);
        if (!InputFile.Exists(file) && Directory.Exists(file))
        {
            throw new ConfigurationException($"{file}: found a folder; expected a runtime file");
        }

        if (!InputFile.Exists(file))
        {
            throw new ConfigurationException($"{file}: found no such file; expected a runtime file");
        }

        return Read(documents.Open(file, InputRole.Runtime), overrides, findings, documents);
    }

    /// <summary>Reads a runtime that is no file, or not yet: what it names resolves from the working directory.</summary>
    /// <param name="name">The runtime as messages name it.</param>
    /// <param name="runtime">The runtime.</param>
    /// <param name="overrides">What the command line says over it.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <param name="documents">What it names, as read so far.</param>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    internal static IReadOnlyList<ModeRun> Read(
        string name, System.Text.Json.JsonElement runtime, RuntimeOverrides overrides, Findings findings, InputDocuments documents) =>
        Read(new JsonValue(name, "", runtime), overrides, findings, documents);

    private static ModeRun[] Read(JsonValue root, RuntimeOverrides overrides, Findings findings, InputDocuments documents)
    {
        string file = root.File;
        DocumentKind.Require(root, DocumentKind.Runtime);
        string[] names = [.. Modes.Keys];
        JsonObject json = JsonObject.Of(root, "a runtime: an object").Know(findings, names);
        InputFiles<TransformerModel> models = new(
            file, "a model file", source => documents.Read(source, InputRole.Model, findings, ModelFile.Read, _ => true), "models", NearestModel.Several, ModelFile.InFolder);
        InputFiles<Chip> prefillSystems = new(
            file, "a system file", source => System(source, InputRole.PrefillSystem), "systems", NearestChip.Several);
        InputFiles<Chip> decodeSystems = new(
            file, "a system file", source => System(source, InputRole.DecodeSystem), "systems", NearestChip.Several);
        ModeRun[] runs = json.Keys.Where(Modes.ContainsKey)
            .Select(name => new ModeReader(
                json.Object(name, "a mode's settings: an object"), Modes[name], models, prefillSystems, decodeSystems, overrides, findings).Read())
            .ToArray();
        return runs.Length > 0
            ? runs
            : throw new ConfigurationException($"{file}: found no mode; expected one of {string.Join(", ", names)}");

        // One with a learned efficiency is read anew each time: what was learned is told of with every answer.
        Chip System(InputSource source, InputRole role) =>
            documents.Read(source, role, findings, (document, found) => SystemFile.Read(document, found, overrides.Models), chip => chip.Efficiency is null);
    }
}
