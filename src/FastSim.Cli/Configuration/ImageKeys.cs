using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>Images of a request, <c>images</c> and <c>image_tokens</c> of a runtime (docs/file-formats.md, "Runtime").</summary>
internal static class ImageKeys
{
    /// <summary>Key of how many there are.</summary>
    public const string Images = "images";

    /// <summary>Key of the tokens that each becomes.</summary>
    public const string Tokens = "image_tokens";

    /// <summary>Most images, and most tokens of one: products stay whole numbers.</summary>
    public const int Most = 1 << 20;

    /// <summary>Reads the images of requests to each model.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="models">Its models.</param>
    /// <param name="accounting">The run's accounting.</param>
    /// <param name="findings">Receives what is to be known.</param>
    /// <returns>The images, model by model.</returns>
    /// <exception cref="ConfigurationException">They cannot be encoded.</exception>
    public static ImageLoad[] Read(JsonObject json, Listed<TransformerModel>[] models, Accounting accounting, Findings findings)
    {
        int images = json.Integer(Images, 0, Most, missing: 0);
        int? stated = json.Has(Tokens) ? json.Integer(Tokens, 1, Most) : null;
        if (images == 0)
        {
            if (stated is not null)
            {
                findings.Warn($"{json[Tokens].File}: {json[Tokens].Path}: {Images} states no images; it is not used");
            }

            return new ImageLoad[models.Length];
        }

        if (accounting == Accounting.Seed)
        {
            throw json[Images].Complaint("0 in seed accounting, which knows no vision encoders; \"accounting\": \"physical\" does");
        }

        return Array.ConvertAll(models, model => Obstacle(model.Value, images, stated) is { } obstacle
            ? throw json[obstacle.IsOfTokens ? Tokens : Images].Complaint(obstacle.Expected)
            : new ImageLoad(images, stated ?? model.Value.Vision!.TileTokens));
    }

    /// <summary>Why a model does not take images; null where it does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">Images, at least 1.</param>
    /// <param name="tokens">Tokens of each; null where nothing says.</param>
    public static (string Expected, bool IsOfTokens)? Obstacle(TransformerModel model, int images, int? tokens) => (model.Vision, tokens) switch
    {
        (null, _) => ($"0: {model.Name} has no vision encoder that is read{(model.VisionObstacle is { } why ? $" ({why})" : "")}", false),
        ({ HasTiles: false }, null) => ($"tokens that an image becomes, since {model.Name} takes images of any size", true),
        _ when (long)images * (tokens ?? 1) > int.MaxValue => ("fewer tokens of all images", true),
        _ => null,
    };

    /// <summary>Images' tokens are part of the prompt: of its new tokens, since nothing encodes what is cached.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="cachedTokens">Tokens that are cached of the prompt; of classes of prompts the most.</param>
    /// <param name="lengths">The load.</param>
    /// <param name="source">Where the load stands.</param>
    /// <exception cref="ConfigurationException">There are more.</exception>
    public static void Check(JsonObject json, int cachedTokens, SequenceLengths lengths, JsonValue source)
    {
        int room = lengths.Input - cachedTokens;
        if (lengths.Images.Tokens > room)
        {
            throw json[Images].Complaint(string.Create(
                CultureInfo.InvariantCulture,
                $"images of at most {room} tokens in all, as many as {source.Path} has new tokens of a prompt: {lengths.Images.Images} of {lengths.Images.TokensEach} are {lengths.Images.Tokens}"));
        }
    }
}
