using System.Globalization;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What releases of engines brought that their steps show. Sources: vLLM schedules a step while the one before runs since 0.14 (vllm-project/vllm,
/// pull request 31998 and the release's notes) and its graphs hold whole decode steps since 0.11
/// (pull request 25444); TensorRT-LLM's kernels start before their inputs are there since 1.2 (<c>TRTLLM_ENABLE_PDL</c> is 1 unless it is said otherwise;
/// NVIDIA/TensorRT-LLM, issue 16330). Containers of TensorRT-LLM that NVIDIA's Dynamo ships go by Dynamo's own numbers; which release each has: Dynamo's documentation, "Support Matrix"
/// of 0.9.1, 1.1.1 and 1.3.0.
/// </summary>
public static class EngineReleases
{
    /// <summary>What a block takes longer whose attention the host launches between two graphs (docs/validation.md, "Engines").</summary>
    private const double PieceMicroseconds = 10;

    private static readonly (int Major, int Minor) Earliest = (0, -1);

    /// <summary>An engine as one of its releases is.</summary>
    /// <param name="present">The engine as its present release is.</param>
    /// <param name="release">The release, <c>major.minor</c> with anything behind, or <c>major</c> alone; where it cannot be read, nothing that a later one brought is there.</param>
    public static ServingEngine Of(ServingEngine present, string release)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(release);
        (int Major, int Minor) numbers = ShippedIn(present, release) ?? Numbers(release) ?? Earliest;
        return Changes(present).Where(change => numbers.CompareTo(change.Since) < 0).Aggregate(present, (later, change) => change.Before(later));
    }

    /// <summary>
    /// The release of TensorRT-LLM, <c>major.minor</c>, that a number stands for which is Dynamo's; null where it is the engine's own. TensorRT-LLM had releases 0.6 to 0.9 too, years before
    /// the engine that is described here: those numbers are taken for Dynamo's.
    /// </summary>
    /// <param name="present">The engine.</param>
    /// <param name="release">What is said of its release.</param>
    public static string? DynamoShips(ServingEngine present, string release)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(release);
        return ShippedIn(present, release) is var (major, minor) ? string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}") : null;
    }

    /// <summary>Whether a text is a release: a number, which a point and another may follow, with anything behind.</summary>
    /// <param name="text">The text.</param>
    public static bool IsRelease(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Numbers(text) is not null;
    }

    /// <summary>Whether a release says nothing of an engine whose releases differ.</summary>
    /// <param name="present">The engine.</param>
    /// <param name="release">What is said of its release.</param>
    public static bool IsUnknown(ServingEngine present, string release)
    {
        ArgumentNullException.ThrowIfNull(present);
        return Changes(present).Length > 0 && !IsRelease(release);
    }

    /// <summary>First releases that brought something, and the engine before them.</summary>
    private static ((int Major, int Minor) Since, Func<ServingEngine, ServingEngine> Before)[] Changes(ServingEngine present) => present.Name switch
    {
        "vllm" =>
        [
            ((0, 14), engine => engine with { HidesBookkeeping = false }),
            ((0, 11), engine => engine with { BlockMicroseconds = PieceMicroseconds }),
        ],
        "trtllm" => [((1, 2), engine => engine with { LaunchOverlapMicroseconds = 0 })],
        _ => [],
    };

    /// <summary>What releases of Dynamo below 1 have of TensorRT-LLM. From 0.10 to 0.21 and from 1.0 on a number is TensorRT-LLM's own.</summary>
    private static (int Major, int Minor)? ShippedIn(ServingEngine present, string release) => present.Name != "trtllm" ? null : Numbers(release) switch
    {
        (0, 6) => (1, 1),
        (0, 7) or (0, 8) => (1, 2),
        (0, 9) => (1, 3),
        _ => null,
    };

    private static (int Major, int Minor)? Numbers(string release)
    {
        string[] parts = release.TrimStart('v', 'V').Split('.', 3);
        return Number(parts[0]) is { } major ? (major, parts.Length > 1 ? Number(parts[1]) ?? 0 : 0) : null;
    }

    private static int? Number(string text)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        return int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }
}
