using FastSim.Kernels.Serving;

namespace FastSim.Example.Tests;

/// <summary>Serving under a closed loop of clients.</summary>
public sealed class ClosedLoopTests
{
    private static readonly ServingLayout OneCard = new(1, 1, 1, 1);

    [Fact]
    public void A_lone_client_waits_for_one_prompt_and_decodes_alone()
    {
        StepModel step = ServedToy.Step(ServedToy.Dense, OneCard);
        ServingMemory memory = ServingMemory.Of(step, new ChipTimings(ServedToy.Chip));
        ServingFigures figures = ClosedLoop.Aggregated(step, memory, 1, 512, 256);

        // Nobody else's prompt joins its steps but, once in 256 tokens, the next of its own: a token takes a decode step of one sequence and
        // the host, and a little more.
        double alone = (step.Microseconds(new StepLoad(1, 512 + 128, 0, 0, 0)) + step.Engine.HostMicroseconds) / 1000;
        Assert.InRange(figures.PerTokenMilliseconds, alone, alone * 1.1);

        // The first token: 15 ms around the engine, a step and a half, and the prompt: launches alone take 4 blocks · 13 kernels · 8 µs.
        double prompt = (Math.Max(step.Microseconds(new StepLoad(0, 0, 1, 512, 0)), 4 * 13 * 8) + step.Engine.HostMicroseconds) / 1000;
        Relative.Equal(15 + (1.5 * figures.PerTokenMilliseconds) + prompt, figures.FirstTokenMilliseconds, 1e-3);
    }

    [Fact]
    public void Littles_law_divides_clients_between_waiting_and_decoding()
    {
        StepModel step = ServedToy.Step(ServedToy.Dense, OneCard);
        ServingMemory memory = ServingMemory.Of(step, new ChipTimings(ServedToy.Chip));
        ServingFigures figures = ClosedLoop.Aggregated(step, memory, 64, 2048, 256);

        // Of a cycle of TTFT + 256·TPOT the second part is decoding; each of 64 clients finishes 256 tokens a cycle.
        double cycle = figures.FirstTokenMilliseconds + (256 * figures.PerTokenMilliseconds);
        Relative.Equal(64 * 256 * figures.PerTokenMilliseconds / cycle, figures.Decoding, 1e-2);
        Relative.Equal(64 * 256 / cycle * 1000, figures.TokensPerSecond, 1e-9);
    }

    [Fact]
    public void More_clients_never_make_tokens_faster()
    {
        StepModel step = ServedToy.Step(ServedToy.Experts, new ServingLayout(2, 4, 1, 8));
        ServingMemory memory = ServingMemory.Of(step, new ChipTimings(ServedToy.Chip));
        double last = 0;
        foreach (double batch in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256 })
        {
            double token = ClosedLoop.Aggregated(step, memory, batch, 1024, 512).PerTokenMilliseconds;
            Assert.True(token >= last * (1 - 1e-3), $"{batch}: {token} after {last}");
            last = token;
        }
    }

    [Fact]
    public void Clients_that_do_not_fit_wait()
    {
        StepModel step = ServedToy.Step(ServedToy.Dense, OneCard);
        ServingMemory roomy = ServingMemory.Of(step, new ChipTimings(ServedToy.Chip));
        ServingMemory tight = roomy with { CacheBytesPerToken = roomy.CacheBytes / (1024 + 128) / 8.5 };
        ServingFigures all = ClosedLoop.Aggregated(step, roomy, 32, 1024, 256);
        ServingFigures some = ClosedLoop.Aggregated(step, tight, 32, 1024, 256);
        Assert.Equal(8, some.Running);
        Assert.True(some.FirstTokenMilliseconds > 3 * all.FirstTokenMilliseconds);
        Assert.True(some.PerTokenMilliseconds < all.PerTokenMilliseconds);
    }

    [Fact]
    public void A_decode_pool_of_its_own_is_not_held_up_by_prompts()
    {
        StepModel step = ServedToy.Step(ServedToy.Dense, OneCard);
        ServingMemory memory = ServingMemory.Of(step, new ChipTimings(ServedToy.Chip));
        ServingFigures together = ClosedLoop.Aggregated(step, memory, 16, 4096, 128);
        ServingFigures apart = ClosedLoop.Disaggregated(step, 4, step, 1, memory, 16, 4096, 128);
        Assert.True(apart.PerTokenMilliseconds < together.PerTokenMilliseconds);

        // No more requests than four prefill instances can take.
        double prompts = apart.TokensPerSecond / 128;
        Assert.True(prompts <= 4 / (step.Microseconds(new StepLoad(0, 0, 1, 4096, 0)) * 1e-6));
    }

    [Fact]
    public void Parts_of_a_step_add_up()
    {
        StepModel step = ServedToy.Step(ServedToy.Experts, new ServingLayout(2, 4, 1, 8));
        StepLoad load = new(8, 2048, 1, 512, 0);
        StepParts parts = step.Parts(load);
        Relative.Equal(step.Microseconds(load), parts.Total, 1e-12);
        foreach (StepPart part in new[] { StepPart.Experts, StepPart.AllToAll, StepPart.AllReduce, StepPart.DecodeAttention, StepPart.PrefillAttention, StepPart.Logits })
        {
            Assert.True(parts[(int)part] > 0, part.ToString());
        }

        Assert.Equal(0, parts[(int)StepPart.FeedForward]);
    }
}
