using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Parameter counts of published configurations against the figures that their publishers state, to 1 %. What is active is counted
/// differently from publisher to publisher, so each figure says how.
/// </summary>
public sealed class PublishedParameterTests
{
    private const double Tolerance = 0.01;

    /// <summary>What a publisher counts as active.</summary>
    public enum Counted
    {
        /// <summary>All that a token is multiplied with.</summary>
        Multiplied,

        /// <summary>The embedding table in full besides.</summary>
        WithTable,

        /// <summary>Neither the embedding table nor the logits projection.</summary>
        Blocks,
    }

    /// <summary>Figures in billions; 0 where none is published.</summary>
    public static TheoryData<string, double, double, Counted> Figures { get; } = new()
    {
        // The Llama 3 Herd of Models, arXiv 2407.21783; parameter counts of the checkpoints on their model cards.
        { "meta-llama--Meta-Llama-3.1-8B", 8.03, 0, Counted.Multiplied },
        { "meta-llama--Meta-Llama-3.1-70B", 70.6, 0, Counted.Multiplied },
        { "meta-llama--Meta-Llama-3.1-405B", 405, 0, Counted.Multiplied },

        // Mistral AI, "Mixtral of experts": 46.7B in all, 12.9B a token.
        { "mistralai--Mixtral-8x7B-v0.1", 46.7, 12.9, Counted.WithTable },

        // Model cards: 8.2B, 32.8B; 235B in all and 22B activated.
        { "Qwen--Qwen3-8B", 8.2, 0, Counted.Multiplied },
        { "Qwen--Qwen3-32B", 32.8, 0, Counted.Multiplied },
        { "Qwen--Qwen3-235B-A22B-FP8", 235, 22, Counted.WithTable },

        // DeepSeek-V3's README_WEIGHTS: 671B without the draft block, 36.7B activated. R1 and V3.2 are the same model; V3.2's indexer adds 0.1 %.
        { "deepseek-ai--DeepSeek-V3", 671, 36.7, Counted.Multiplied },
        { "deepseek-ai--DeepSeek-R1", 671, 36.7, Counted.Multiplied },
        { "deepseek-ai--DeepSeek-V3.2", 671, 0, Counted.Multiplied },

        // gpt-oss model card, table 1: 116.83B and 20.91B in all, 5.13B and 3.61B active, the logits projection included.
        { "openai--gpt-oss-120b", 116.83, 5.13, Counted.Multiplied },
        { "openai--gpt-oss-20b", 20.91, 3.61, Counted.Multiplied },

        // Model card: 744B in all, 40B active.
        { "zai-org--GLM-5", 744, 40, Counted.Blocks },
    };

    [Theory]
    [MemberData(nameof(Figures))]
    public void A_published_configuration_has_as_many_parameters_as_published(string name, double totalBillions, double activeBillions, Counted counted)
    {
        ParameterCount count = Count(Repository.SharedOrSkip("data", "hf", name + ".json"));
        Near(totalBillions * 1e9, count.Total);
        if (activeBillions > 0)
        {
            Near(activeBillions * 1e9, counted switch
            {
                Counted.WithTable => count.ActiveWithTable,
                Counted.Blocks => count.Active - count.Logits,
                _ => count.Active,
            });
        }
    }

    [Fact]
    public void Every_configuration_there_has_a_figure()
    {
        string[] files = Directory.GetFiles(Repository.SharedOrSkip("data", "hf"), "*.json");
        Assert.NotEmpty(files);
        string[] known = [.. Figures.Select(figure => figure.Data.Item1)];
        Assert.All(files, file => Assert.Contains(Path.GetFileNameWithoutExtension(file), known));
    }

    private static ParameterCount Count(string file)
    {
        TransformerModel model = ModelFile.Load(file, new Findings(allowUnknownKeys: false));
        return ParameterCount.Of(model, model.Structure!.Storage.MainBytes);
    }

    private static void Near(double published, double found) => Assert.InRange(found / published, 1 - Tolerance, 1 + Tolerance);
}
