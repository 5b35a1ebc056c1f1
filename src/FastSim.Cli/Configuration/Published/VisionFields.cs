using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of a vision tower, and those beside it in the file that say how its rows become tokens.</summary>
/// <param name="Config">The tower's.</param>
/// <param name="Outer">The whole file's.</param>
/// <param name="Text">The language model's width.</param>
internal sealed record VisionFields(PublishedConfig Config, JsonObject Outer, int Text)
{
    /// <summary>Largest width or count of a tower: products of two stay whole numbers.</summary>
    private const int Most = 1 << 15;

    /// <summary>Most of what there is little of: channels, frames.</summary>
    private const int MostLayers = 16;

    /// <summary>Longest side of the square of rows that becomes a token.</summary>
    private const int MostMerged = 64;

    private const int MostPatch = 1024;

    /// <summary>Colours of a pixel, under whichever name a file has them.</summary>
    public int Channels
    {
        get
        {
            foreach (string name in (ReadOnlySpan<string>)["in_channels", "in_chans", "num_channels"])
            {
                if (Config.Has(name))
                {
                    return Within(name, Config.Count(name), MostLayers);
                }
            }

            return 3;
        }
    }

    /// <summary>A count that must be there.</summary>
    public int this[string field] => Within(field, Config.Count(field), Most);

    /// <summary>A count with the class's default.</summary>
    public int Count(string field, int missing) => Within(field, Config.Count(field, missing, least: 1), Most);

    /// <summary>A count beside the tower, with the class's default.</summary>
    public int Beside(string field, int missing) => Outer.Integer(field, 1, Most, missing);

    /// <summary>Width of a head.</summary>
    public int HeadSize(string hidden, string heads) => this[hidden] % this[heads] == 0
        ? this[hidden] / this[heads]
        : throw Config[heads].Complaint($"a divisor of {hidden}, {this[hidden]}");

    /// <summary>A side in pixels, of squares alone: a number, or two that are the same.</summary>
    public int Side(string field)
    {
        JsonValue value = Config[field];
        if (value.Element.ValueKind != System.Text.Json.JsonValueKind.Array)
        {
            return this[field];
        }

        JsonValue[] sides = value.Tuple(2, "height and width");
        int side = sides[0].Integer(1, Most);
        return sides[1].Integer(1, Most) == side ? side : throw value.Complaint("a height that is the width");
    }

    /// <summary>Numbers of a patch.</summary>
    public int PatchElements(int patch, int frames = 1) =>
        Channels * Within("temporal_patch_size", frames, MostLayers) * Within("patch_size", patch, MostPatch) * patch;

    /// <summary>Rows that become a token, of the side of their square.</summary>
    public static int Merged(JsonValue source, int side) => side <= MostMerged ? side * side : throw source.Complaint($"at most {MostMerged}");

    /// <summary>The same, of the share of a side that is left.</summary>
    public static int Merged(JsonValue source, double ratio) =>
        ratio >= 1d / MostMerged && ratio <= 1 ? (int)Math.Round(1 / ratio / ratio) : throw source.Complaint($"a share of a side that is left, at least 1/{MostMerged}");

    /// <summary>Patches along a side of an image.</summary>
    public int PatchesOfSide(int image, int patch) => image >= patch ? image / patch : throw Config["image_size"].Complaint($"at least a patch, {patch}");

    /// <summary>Refuses a value of a field other than what the class is known with.</summary>
    public void Require(string field, params ReadOnlySpan<string> words)
    {
        if (Config.Has(field) && !words.Contains(Config[field].Text(words[0])))
        {
            throw Config[field].Complaint(string.Join(" or ", words.ToArray()));
        }
    }

    private int Within(string field, int count, int most) => count <= most ? count : throw Config[field].Complaint($"at most {most} of a vision tower");

    /// <summary>The product of a projector whose outputs cards share out, and the one after it that adds them up.</summary>
    public static VisionProduct[] Pair(int input, int middle, int output, bool hasBias = true, int times = 1) =>
    [
        new(input, middle, ProductCut.Outputs, hasBias, times),
        new(middle, output, ProductCut.Inputs, hasBias, times),
    ];
}
