using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Launching;

/// <summary>
/// Which architectures an engine says that it serves (<c>data/engines/architectures.json</c>, which is in the program). Of one that it does not list an engine may still run the Transformers
/// library's own code; else it refuses to start. Nothing is known of engines without a list, nor of models whose file names no architecture.
/// </summary>
internal sealed class ServedArchitectures
{
    private const string Resource = "architectures.json";

    private static readonly Lazy<Dictionary<string, ServedArchitectures>> All = new(Read);

    private readonly HashSet<string> names;
    private readonly string releases;
    private readonly string? othersBy;

    private ServedArchitectures(JsonElement engine)
    {
        names = [.. engine.GetProperty("architectures").EnumerateArray().Select(name => name.GetString()!)];
        releases = engine.GetProperty("releases").GetString()!;
        othersBy = engine.GetProperty("runs_others").GetString();
    }

    /// <summary>Why an engine does not serve a model; null where it does, may, or nothing is known.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="model">The model.</param>
    public static string? Refusal(string engine, TransformerModel model) => Of(engine) is { othersBy: null } known && known.Lacks(model)
        ? $"{model.Architecture} is not among the architectures that its PyTorch backend lists ({known.releases}, data/engines/architectures.json)"
        : null;

    /// <summary>What there is to know of a model that an engine may serve; null where it lists it.</summary>
    /// <param name="release">The engine.</param>
    /// <param name="model">The model.</param>
    public static string? Note(EngineRelease release, TransformerModel model) => Of(release.Engine) switch
    {
        null when model.Architecture is { } named => $"Whether {release.Title} serves {named} is not checked: its pages name families of models.",
        { othersBy: { } by } known when known.Lacks(model) =>
            $"{model.Architecture} is not among the architectures that {release.Title} lists ({known.releases}, data/engines/architectures.json): a later release may have it, else it runs {by}, which is not what the plan describes.",
        _ => null,
    };

    private static ServedArchitectures? Of(string engine) => All.Value.GetValueOrDefault(engine);

    private bool Lacks(TransformerModel model) => model.Architecture is { } named && !names.Contains(named);

    private static Dictionary<string, ServedArchitectures> Read()
    {
        using Stream stream = typeof(ServedArchitectures).Assembly.GetManifestResourceStream(Resource)!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("engines").EnumerateArray()
            .ToDictionary(engine => engine.GetProperty("engine").GetString()!, engine => new ServedArchitectures(engine));
    }
}
