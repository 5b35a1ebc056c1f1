using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of a vision tower, and those beside it in the file that say how its rows become tokens.</summary>
/// <param name="Config">The tower's.</param>
/// <param name="Outer">The whole file's.</param>
/// <param name="Text">The language model's width.</param>
internal sealed record VisionFields(PublishedConfig Config, JsonObject Outer, int Text)
{
    /// <summary>Colours of a pixel, under whichever name a file has them.</summary>
    public int Channels
    {
        get
        {
            foreach (string name in (ReadOnlySpan<string>)["in_channels", "in_chans", "num_channels"])
            {
                if (Config.Has(name))
                {
                    return Config.Count(name);
                }
            }

            return 3;
        }
    }

    /// <summary>A count that must be there.</summary>
    public int this[string field] => Config.Count(field);

    /// <summary>A count with the class's default.</summary>
    public int Count(string field, int missing) => Config.Count(field, missing, least: 1);

    /// <summary>A count beside the tower, with the class's default.</summary>
    public int Beside(string field, int missing) => Outer.Integer(field, 1, PublishedConfig.MostOfAnything, missing);

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
            return Config.Count(field);
        }

        JsonValue[] sides = value.Tuple(2, "height and width");
        int side = sides[0].Integer(1, PublishedConfig.MostOfAnything);
        return sides[1].Integer(1, PublishedConfig.MostOfAnything) == side ? side : throw value.Complaint("a height that is the width");
    }

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

    /// <summary>The product of a projector whose outputs cards share out, and the one after it that adds them up.</summary>
    public static VisionProduct[] Pair(int input, int middle, int output, bool hasBias = true, int times = 1) =>
    [
        new(input, middle, ProductCut.Outputs, hasBias, times),
        new(middle, output, ProductCut.Inputs, hasBias, times),
    ];
}
