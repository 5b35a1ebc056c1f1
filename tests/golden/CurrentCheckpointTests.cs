using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Current checkpoints: parameters, cache and state against counts made apart from this program, matrix by matrix, from the models' public code; a token's
/// active ones are what it is multiplied with. Published figures are within 1 % of the totals (model cards; Step-3.7 as its file says, without the heads that it leaves out).
/// </summary>
public sealed class CurrentCheckpointTests
{
    private const double Tolerance = 1e-5;

    /// <summary>Total and active parameters in millions, cached elements a token, bytes of a sequence's states.</summary>
    public static TheoryData<string, double, double, double, double> Counts { get; } = new()
    {
        { "Qwen--Qwen3-VL-30B-A3B-Instruct", 30532.122624, 3041.867776, 49_152, 0 },
        { "Qwen--Qwen3.5-27B", 26895.998464, 25624.600064, 32_768, 153_944_064 },
        { "Qwen--Qwen3.5-35B-A3B", 34660.610688, 2946.429568, 10_240, 64_389_120 },
        { "nvidia--Qwen3.5-122B-A10B-NVFP4", 122111.526912, 9008.449536, 12_288, 153_649_152 },
        { "XiaomiMiMo--MiMo-V2-Flash", 308778.780864, 14820.985024, 111_360, 0 },
        { "deepseek-ai--DeepSeek-V4-Flash", 284332.240471, 13270.101591, 25_456, 12_206_080 },
        { "moonshotai--Kimi-K2.5", 1026408.232448, 31687.095808, 35_136, 0 },
        { "moonshotai--Kimi-K3", 2779484.476, 104189.61264, 13_824, 449_372_160 },
        { "nvidia--GLM-5.1-NVFP4", 743911.218432, 40833.146112, 54_912, 0 },
        { "nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", 31577.940288, 3227.754816, 3072, 49_082_368 },
        { "nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8", 120668.70784, 12233.366528, 4096, 170_229_760 },
        { "nvidia--Nemotron-H-56B-Base-8K", 56324.350464, 55250.60864, 20_480, 912_605_184 },
        { "stepfun-ai--Step-3.7-Flash", 195844.508736, 10347.74432, 92_160, 0 },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_checkpoint_is_counted_right(string name, double totalMillions, double activeMillions, double cachedElements, double stateBytes)
    {
        TransformerModel model = ModelFile.Load(
            Path.Combine(Repository.SharedOrSkip("data", "published", name), "config.json"), new Findings(allowUnknownKeys: false));
        ParameterCount count = ParameterCount.Of(model, model.Structure!.Storage.MainBytes);
        Assert.InRange(count.Total / 1e6 / totalMillions, 1 - Tolerance, 1 + Tolerance);
        Assert.InRange(count.Active / 1e6 / activeMillions, 1 - Tolerance, 1 + Tolerance);
        IReadOnlyList<BlockKind> blocks = model.Structure!.Pattern.Blocks;
        Assert.Equal(cachedElements, blocks.Sum(
            block => CacheWidth.Of(model.Seen(block.Form), tensorParallel: 1) + (block.Form?.Compression?.ElementsPerToken ?? 0)));
        Assert.Equal(stateBytes, blocks.Sum(block => block.Form?.KeptBytesPerSequence(tensorParallel: 1) ?? 0));
    }

    /// <summary>
    /// What engines keep of DeepSeek-V4 in eight bits, by kind of block (SGLang's and vLLM's memory pools): an entry of 448 bytes, 64 elements in 16 bits and seven
    /// scales, filled up to 584; an index key of 128 and a scale, 132. 21 blocks keep one of each for 4 tokens, 20 an entry for 128.
    /// </summary>
    [Fact]
    public void Compressed_blocks_keep_bytes_by_their_kind()
    {
        TransformerModel model = ModelFile.Load(
            Path.Combine(Repository.SharedOrSkip("data", "published", "deepseek-ai--DeepSeek-V4-Flash"), "config.json"), new Findings(allowUnknownKeys: false));
        CompressedDimensions[] blocks = [.. model.Structure!.Pattern.Blocks.Select(block => block.Form!.Compression!)];
        Assert.Equal([2, 20, 21], blocks.GroupBy(block => block.Ratio).Select(alike => alike.Count()).Order());
        Assert.All(blocks, block => Assert.Equal((584, 1024), (block.EntryBytes(1), block.EntryBytes(2))));
        Assert.Equal([179, 4.5625, 0], blocks.Select(block => block.BytesPerToken(1)).Distinct().OrderDescending());
        Assert.Equal(3850.25, blocks.Sum(block => block.BytesPerToken(1)));
        Assert.Equal(3440, blocks.Sum(block => block.ElementsPerToken));
    }
}
