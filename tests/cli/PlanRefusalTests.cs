using FastSim.Tests;
using static FastSim.Cli.Tests.PlannedRuns;

namespace FastSim.Cli.Tests;

/// <summary>What <c>plan</c> finds no answer to, and what it refuses or warns of.</summary>
public sealed class PlanRefusalTests
{
    [Fact]
    public void What_has_no_plan_says_what_is_nearest()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments(Experts, "1", "--tpot", "0.5"));
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("No plan, every card does both", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("nearest miss: time per output token", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_phase_without_a_plan_is_named()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments(Experts, "2", "--tpot", "0.5"));
        Assert.Equal(3, outcome.ExitCode);
        string[] lines = outcome.Output.Split('\n');
        int split = Array.IndexOf(lines, "No plan, prefill and decode apart:");
        Assert.StartsWith("  prefill: ", lines[split + 1], StringComparison.Ordinal);
        Assert.StartsWith("  decode: ", lines[split + 2], StringComparison.Ordinal);
        Assert.StartsWith("    nearest miss: time per output token", lines[split + 3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_a_hub_is_said_to_be_none_that_is_downloaded()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments("Nobody/No-Such-Model", "8"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("nothing is downloaded: save config.json of huggingface.co/Nobody/No-Such-Model", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--chip: found H1000; expected the name of a chip", "--chip", "H1000")]
    [InlineData("--cards: found eight", "--cards", "eight")]
    [InlineData("--cards: found 16..8", "--cards", "16..8")]
    [InlineData("--cards: found a range, 8..16, without --rate", "--cards", "8..16")]
    [InlineData("--in: found 0; expected an integer from 1", "--in", "0")]
    [InlineData("--ttft: found 0; expected a number above 0", "--ttft", "0")]
    [InlineData("--prefix-hit: found 1; expected a number from 0 to below 1", "--prefix-hit", "1")]
    [InlineData("--engine: found sglagn; expected none, trtllm, vllm, sglang, or the file of a record; did you mean \"sglang\"?", "--engine", "sglagn")]
    [InlineData("--acceptance: found no --drafts", "--acceptance", "0.8")]
    [InlineData("--mean-length: found no --drafts", "--mean-length", "2.27")]
    [InlineData("--acceptance: found 0.8,1.2; expected a number from 0 to 1, or one for each draft token", "--acceptance", "0.8,1.2")]
    [InlineData("--top: found 0", "--top", "0")]
    [InlineData("--systems: found no-such-folder, which is no folder", "--systems", "no-such-folder")]
    [InlineData("error: --in, --out: found [ 500000, 1000 ]; expected input and output tokens that", "--in", "500000")]
    public void Bad_input_is_refused_in_a_line(string message, string option, string value)
    {
        List<string> arguments = [.. Arguments(Dense, "8")];
        int place = arguments.IndexOf(option);
        if (place >= 0)
        {
            arguments[place + 1] = value;
        }
        else
        {
            arguments.AddRange([option, value]);
        }

        if (option == "--systems")
        {
            arguments[arguments.IndexOf("--chip") + 1] = "H100_SXM";
        }

        FastSimProgram.Outcome outcome = FastSimProgram.Run([.. arguments]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    /// <summary>A precision that the chip has no units for is not run in a wider one without a word.</summary>
    [Theory]
    [InlineData("H100_SXM", "fp4", "warning: --precision: found fp4; H100_SXM has no units for it: weights of 4 bits are widened, and products run in float8\n")]
    [InlineData("A100_SXM_80GB", "fp8", "warning: --precision: found fp8; A100_SXM_80GB has no units for it: weights of 8 bits are widened, and products run in bfloat16\n")]
    [InlineData("H100_SXM", "fp8", "")]
    [InlineData("B200", "fp4", "")]
    [InlineData("A100_SXM_80GB", "bf16", "")]
    public void A_precision_that_the_chip_has_no_units_for_is_named(string chip, string precision, string warning)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("plan", Repository.PathOf("examples", "published", "models", "llama_2_13b.json"), "--chip", Chip(chip), "--cards", "2", "--in", "400", "--out", "100", "--precision", precision, "--top", "1");
        Assert.Equal((0, warning), (outcome.ExitCode, outcome.Error.ReplaceLineEndings("\n")));
    }
}
