using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>A client's own next prompt comes when it has its answer: between its tokens it waits for others' alone.</summary>
public sealed class OwnPromptTests
{
    private static readonly ServingLayout OneCard = new(1, 1, 1, 1);

    /// <summary>However short its answers are and however long its prompts, and whether these join decoding or stop it.</summary>
    [Theory]
    [InlineData("trtllm", 2048, 256)]
    [InlineData("trtllm", 128_000, 100)]
    [InlineData("vllm", 128_000, 100)]
    [InlineData("vllm", 8192, 2)]
    [InlineData("sglang", 2048, 256)]
    [InlineData("sglang", 128_000, 100)]
    [InlineData("sglang", 8192, 2)]
    public void A_lone_client_does_not_wait_for_its_next_prompt(string engine, int input, int output)
    {
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, input, output, engine, 1000);
        EngineStep step = instance.Step;
        LoopFigures figures = instance.Loop.At(1, double.PositiveInfinity);
        double bookkeeping = step.Engine.HidesBookkeeping ? 0 : step.Engine.SequenceMicroseconds;
        double alone = step.Microseconds(StepLoad.Decode(1)) + step.Engine.HostMicroseconds + bookkeeping;
        Relative.Equal(alone, figures.PerTokenMicroseconds, 1e-12);

        // One answer in the time of its prompt and its tokens.
        Relative.Equal(output / (figures.FirstTokenMicroseconds + (output * alone)), figures.TokensPerMicrosecond, 1e-12);
    }

    /// <summary>
    /// Of as many prompts as come while a client decodes, which is as many as decode, one at most is its own, and no less of one than the share of its time that a lone client decodes.
    /// </summary>
    [Theory]
    [InlineData("vllm", 2048, 64)]
    [InlineData("trtllm", 8192, 64)]
    public void Of_the_prompts_that_join_at_most_one_is_a_clients_own(string engine, int input, int output)
    {
        ServingEngine quick = ServingEngine.All[engine] with { EagerLaunchMicroseconds = 0, SequenceMicroseconds = 0 };
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, input, output, quick, ArrivalPattern.Usual, 1000);
        EngineStep step = instance.Step;
        LoopFigures lone = instance.Loop.At(1, double.PositiveInfinity);
        double share = output * lone.PerTokenMicroseconds / ((output * lone.PerTokenMicroseconds) + lone.FirstTokenMicroseconds);
        foreach (int clients in (int[])[2, 4, 16, 64])
        {
            LoopFigures figures = instance.Loop.At(clients, double.PositiveInfinity);
            double decode = step.Microseconds(StepLoad.Decode(figures.Decoding));
            double beside = (step.Microseconds(new StepLoad(figures.Decoding, 1, input, 0)) - decode) / output;
            double At(double prompts) => decode + step.Engine.HostMicroseconds + (prompts * beside);
            Assert.InRange(figures.PerTokenMicroseconds, At(figures.Decoding - 1) * 0.996, At(figures.Decoding - share) * 1.004);
            Assert.True(clients > 4 || figures.PerTokenMicroseconds < 0.99 * At(figures.Decoding));
        }
    }
}
