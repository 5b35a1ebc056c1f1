using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Rows of <c>predict</c> of published checkpoints: what stands beside a row changes nothing of it, and what no network holds ends nothing but itself.</summary>
public sealed class PublishedRowTests
{
    private const string Head = "model_path,system,backend,precision,isl,osl,batch_size,tp_size,pp_size,moe_tp_size,moe_ep_size\n";

    /// <summary>
    /// Of a prompt of one token every operator goes by its tokens, once a prompt or once a token. DeepSeek-V4 mixes its streams at the head once a prompt: a longer one after it took that a token.
    /// </summary>
    [Fact]
    public void A_prompt_of_one_token_changes_no_longer_one()
    {
        const string Name = "deepseek-ai--DeepSeek-V4-Flash";
        const string Long = "deepseek-ai/DeepSeek-V4-Flash,b200_sxm,sglang,fp4,8193,8192,1000,1,1,1,1\n";
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("models"));
        File.Copy(Path.Combine(Repository.SharedOrSkip("data", "published", Name), "config.json"), folder.PathOf("models", Name + ".json"));
        string[] alone = Predict(folder, Long);
        string[] behind = Predict(folder, "deepseek-ai/DeepSeek-V4-Flash,b200_sxm,sglang,fp4,1,759,4,1,1,1,1\n" + Long);
        Assert.Equal(alone[1], behind[2]);
        Assert.Contains(",8193,8192,", alone[1], StringComparison.Ordinal);
    }

    /// <summary>16 × 256 ranks of experts in 8 stages are 32,768 cards, where an H200's outer network spans 16,384: that row is not covered, the next one is.</summary>
    [Fact]
    public void Cards_that_no_network_spans_are_not_covered()
    {
        const string Name = "deepseek-ai--DeepSeek-V3.json";
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("models"));
        File.Copy(Repository.SharedOrSkip("data", "hf", Name), folder.PathOf("models", Name));
        string[] rows = Predict(folder, "deepseek-ai/DeepSeek-V3,h200_sxm,sglang,fp8,997,200,4,8,8,16,256\ndeepseek-ai/DeepSeek-V3,h200_sxm,sglang,fp8,997,200,4,8,1,1,8\n");
        Assert.Contains("impossible layout: 32768 cards exchange with experts, more than any network of H200_SXM spans", rows[1], StringComparison.Ordinal);
        Assert.DoesNotContain("impossible", rows[2], StringComparison.Ordinal);
    }

    private static string[] Predict(TemporaryFolder folder, string rows)
    {
        string table = folder.Write("table.csv", Head + rows);
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            ["predict", "-t", table, "-o", folder.PathOf("out.csv"), "--models", folder.PathOf("models"), "--systems", Repository.PathOf("data", "systems"), "--threads", "1"]);
        Assert.Equal(0, outcome.ExitCode);
        return File.ReadAllLines(folder.PathOf("out.csv"));
    }
}
