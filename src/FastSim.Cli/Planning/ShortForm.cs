using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Cli.Configuration;
using FastSim.Cli.Serving;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;
using JsonObject = System.Text.Json.Nodes.JsonObject;

namespace FastSim.Cli.Planning;

/// <summary>
/// The runtime that a short question stands for (docs/file-formats.md, "Plans"): what <c>run</c> would be given, so that the short form is no second
/// way of computing. Data types are the checkpoint's, where the chip computes in them, else the next wider.
/// </summary>
internal static class ShortForm
{
    private const double CommunicationBytes = 2;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Words of a precision, and the products they stand for.</summary>
    public static IReadOnlyDictionary<string, string> Precisions { get; } = new Dictionary<string, string>
    {
        ["bf16"] = "bfloat16",
        ["fp16"] = "bfloat16",
        ["fp8"] = "fp8",
        ["fp4"] = "nvfp4",
    };

    /// <summary>Writes the runtime of a chip and a number of cards.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="model">The model.</param>
    /// <param name="chipFile">File of the chip.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="cards">Cards.</param>
    public static JsonObject Of(PlanRequest request, TransformerModel model, string chipFile, Chip chip, ServingEngine engine, int cards)
    {
        ServingPrecision precision = Asked(request, model, chip, engine);
        ProductKinds kinds = precision.Kinds;
        FlopsTypes types = ServingInstance.TypesOf(chip, kinds);
        double cache = request.CachePrecision switch
        {
            null => precision.CacheBytes,
            "fp8" => 1,
            _ => 2,
        };
        ProductKinds? stored = Stored(precision, model, chip, engine);
        JsonObject runtime = [];
        runtime["pd-fusion"] = Mode(request, Weights(model, precision), types, cache, chipFile, engine.Name, cards, stored, isSplit: false);
        if (cards > 1)
        {
            runtime["pd-split-request-optimal"] = Mode(request, Weights(model, precision), types, cache, chipFile, engine.Name, cards, stored, isSplit: true);
        }

        return runtime;
    }

    /// <summary>What is to be said of a precision that the chip has no units for; null where it has, none is stated, or it is the checkpoint's own, which silence asks for, too.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="model">The model.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="engine">The engine.</param>
    public static string? Widened(PlanRequest request, TransformerModel model, Chip chip, ServingEngine engine)
    {
        int? bits = request.Precision switch
        {
            "fp4" => 4,
            "fp8" => 8,
            _ => null,
        };
        if (bits is null)
        {
            return null;
        }

        ServingPrecision precision = Asked(request, model, chip, engine);
        string type = ServingInstance.TypesOf(chip, precision.Kinds).Matrix;
        return MatrixPeaks.BitsOf(type) > bits && Stored(precision, model, chip, engine) is null
            ? $"--precision: found {request.Precision}; {chip.Name} has no units for it: weights of {bits} bits are widened, and products run in {type}"
            : null;
    }

    /// <summary>The runtime's text.</summary>
    public static string Text(JsonObject runtime) => runtime.ToJsonString(Readable) + "\n";

    private static ServingPrecision Asked(PlanRequest request, TransformerModel model, Chip chip, ServingEngine engine) =>
        ServingPrecision.Of(model, engine, request.Precision is { } word ? Precisions[word] : null, NarrowUnits.Of(chip));

    /// <summary>Number formats of a quantized checkpoint that runs in its own; null where it does not, or is none.</summary>
    private static ProductKinds? Stored(ServingPrecision precision, TransformerModel model, Chip chip, ServingEngine engine)
    {
        if (model.Structure is not { Storage.IsQuantized: true })
        {
            return null;
        }

        ServingPrecision own = precision.Origin == PrecisionOrigin.Silence ? precision : ServingPrecision.Of(model, engine, products: null, NarrowUnits.Of(chip));
        return (precision.Attention, precision.FeedForward, precision.Experts) == (own.Attention, own.FeedForward, own.Experts) ? precision.Kinds : null;
    }

    private static JsonObject Mode(PlanRequest request, double weights, FlopsTypes types, double cache, string chipFile, string engine, int cards, ProductKinds? stored, bool isSplit)
    {
        JsonObject mode = new()
        {
            ["model_list"] = new JsonArray(request.Model),
            ["sequence_length_list"] = new JsonArray(new JsonArray(request.Input, request.Output)),
            ["num_procs_list"] = new JsonArray(cards),
            ["wac_bytes_list"] = new JsonArray(new JsonArray(weights, stored is null ? Activations(types) : RooflineChip.ActivationBytes(stored.FeedForward), cache, CommunicationBytes)),
            ["flops_type_list"] = new JsonArray(new JsonArray(types.Matrix, types.Attention, types.Vector)),
            ["time_limit_list"] = new JsonArray(new JsonArray(request.FirstTokenMilliseconds, request.PerTokenMilliseconds)),
            ["sys_list"] = isSplit ? new JsonArray(new JsonArray(chipFile, chipFile)) : new JsonArray(chipFile),
            ["accounting"] = "physical",
            ["engine"] = request.Engine,
            ["output"] = "outputs/plan",
        };
        if (!request.AnyLayout && EngineLayouts.Knows(engine))
        {
            mode["launchable"] = true;
        }

        if (stored is not null)
        {
            mode[ModeReader.StoredFormatsKey] = true;
        }

        if (!isSplit && cards > 1)
        {
            mode[IdleCards.Name] = true;
        }

        if (request.PadHeads)
        {
            mode[PadKey.Name] = true;
        }

        if (request.Objective != PlanObjective.Throughput)
        {
            mode["objective"] = RuntimeFile.Objectives.Single(pair => pair.Value == request.Objective).Key;
        }

        if (request.CostLimit is { } dollars)
        {
            mode["cost_limit"] = dollars;
        }

        if (request.EnergyLimit is { } joules)
        {
            mode["energy_limit"] = joules;
        }

        if (request.PrefixHit > 0)
        {
            mode["prefix_hit"] = request.PrefixHit;
        }

        if (request is { Images: > 0 } or { ImageTokens: not null })
        {
            mode[ImageKeys.Images] = request.Images;
        }

        if (request.ImageTokens is { } imageTokens)
        {
            mode[ImageKeys.Tokens] = imageTokens;
        }

        if (request.SecondMemory is { } second)
        {
            mode[SecondMemoryReader.Shares] = second;
        }

        if (request.PrefixLocation is { } place)
        {
            mode[SecondMemoryReader.Prefix] = place;
        }

        if (request.Drafts > 0)
        {
            mode["decode_mtp_token_config"] = request.Drafts;
            mode["mtp_acceptance"] = (request.Acceptance, request.MeanLength) switch
            {
                (_, { } mean) => new JsonObject { [AcceptanceReader.MeanLength] = mean },
                ([var one], _) => one,
                ({ } places, _) => new JsonArray(Array.ConvertAll(places, one => (JsonNode?)one)),
                _ => null,
            };
            if (request.Draft is { } draft)
            {
                mode["draft"] = DraftReader.KindOf(draft) is null ? new JsonObject { ["kind"] = "model", ["model"] = draft } : draft;
            }
        }

        return mode;
    }

    /// <summary>Bytes of a weight: as stored where the checkpoint is quantized, else the format's.</summary>
    private static double Weights(TransformerModel model, ServingPrecision precision) => model.Structure is { Storage: { IsQuantized: true, MainBytes: var stored } }
        ? stored
        : RooflineChip.WeightBytes(precision.Kinds.FeedForward);

    /// <summary>Bytes of an activation as products read it: those of the type they run in.</summary>
    private static double Activations(FlopsTypes types) => MatrixPeaks.BitsOf(types.Matrix) switch
    {
        4 => RooflineChip.ActivationBytes(NumberKind.FourBit),
        8 => 1,
        _ => 2,
    };
}
