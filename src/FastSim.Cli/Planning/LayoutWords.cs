using System.Globalization;
using System.Text;
using FastSim.Cli.Output;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Planning;

/// <summary>A layout in few words: what is 1, or 0 of redundant experts, goes unsaid.</summary>
internal static class LayoutWords
{
    /// <summary>Of a layout.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="hasExperts">Whether the model has experts.</param>
    public static string Of(ParallelLayout layout, bool hasExperts)
    {
        StringBuilder words = new();
        Add(words, "DP", layout.DataParallel, 1);
        Add(words, "PP", layout.PipelineParallel, 1);
        Add(words, "CP", layout.ContextParallel, 1);
        Add(words, "TP", layout.TensorParallel, 1);
        words.Append(AskedDimensions.Words(layout));
        if (hasExperts)
        {
            Add(words, "EP", layout.ExpertParallel, 1);
            Add(words, "MoE-TP", layout.ExpertTensorParallel, 1);
            Add(words, "MoE-DP", layout.ExpertDataParallel, 1);
            Add(words, "R", layout.RedundantExperts, 0);
        }

        return (words.Length > 0 ? words.ToString() : "a copy of the model") + SecondMemoryRows.Words(layout);
    }

    /// <summary>The same in fewer: cards, and how one copy of the model lies on them; how many copies there are follows.</summary>
    public static string Short(ParallelLayout layout, bool hasExperts)
    {
        StringBuilder words = new();
        Add(words, "", layout.Cards, 0);
        Add(words, "PP", layout.PipelineParallel, 1);
        Add(words, "CP", layout.ContextParallel, 1);
        Add(words, "TP", layout.TensorParallel, 0);
        words.Append(AskedDimensions.Words(layout));
        if (hasExperts)
        {
            Add(words, "EP", layout.ExpertParallel, 1);
            Add(words, "MTP", layout.ExpertTensorParallel, 1);
            Add(words, "R", layout.RedundantExperts, 0);
        }

        return words + SecondMemoryRows.Words(layout);
    }

    private static void Add(StringBuilder words, string name, int number, int unsaid)
    {
        if (number != unsaid)
        {
            words.Append(CultureInfo.InvariantCulture, $"{(words.Length > 0 ? " " : "")}{name}{number}");
        }
    }
}
