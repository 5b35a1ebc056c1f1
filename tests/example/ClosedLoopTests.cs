using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Serving under a closed loop of clients.</summary>
public sealed class ClosedLoopTests
{
    private static readonly ServingLayout OneCard = new(1, 1, 1, 1);

    [Fact]
    public void A_lone_client_waits_for_one_prompt_and_decodes_alone()
    {
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, 512, 256);
        EngineStep step = instance.Step;
        LoopFigures figures = instance.Loop.At(1, instance.Memory.Sequences);

        // Nobody else's prompt joins its steps, and the next of its own comes when it has its answer: a token takes a decode step of one sequence and the host.
        double alone = step.Microseconds(StepLoad.Decode(1)) + step.Engine.HostMicroseconds;
        Relative.Equal(alone, figures.PerTokenMicroseconds, 1e-12);

        // The first token: 15 ms around the engine, a step and a half, and the prompt. Of launches a block has a norm, a product, the rotary embedding,
        // attention, a product, then a norm, a product, the activation and a product: 9; the stage has logits and three kernels of sampling besides:
        // (4·9 + 4)·8 µs of launches alone.
        Relative.Equal(((4 * 9) + 4) * 26, step.LaunchMicroseconds, 1e-12);
        double prompt = Math.Max(step.Microseconds(new StepLoad(0, 1, 512, 0)), step.LaunchMicroseconds) + step.Engine.HostMicroseconds;
        Relative.Equal(15_000 + (1.5 * figures.PerTokenMicroseconds) + prompt, figures.FirstTokenMicroseconds, 1e-3);
    }

    [Fact]
    public void Littles_law_divides_clients_between_waiting_and_decoding()
    {
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, 2048, 256);
        LoopFigures figures = instance.Loop.At(64, instance.Memory.Sequences);

        // Of a cycle of TTFT + 256·TPOT the second part is decoding; each of 64 clients finishes 256 tokens a cycle.
        double cycle = figures.FirstTokenMicroseconds + (256 * figures.PerTokenMicroseconds);
        Relative.Equal(64 * 256 * figures.PerTokenMicroseconds / cycle, figures.Decoding, 1e-9);
        Relative.Equal(64 * 256 / cycle, figures.TokensPerMicrosecond, 1e-9);
    }

    [Theory]
    [InlineData("trtllm")]
    [InlineData("vllm")]
    [InlineData("sglang")]
    public void More_clients_never_make_tokens_faster_nor_fewer(string engine)
    {
        EngineInstance instance = ServedToy.Instance(ServedToy.Experts, new ServingLayout(2, 4, 1, 8), 1024, 512, engine);
        LoopFigures last = default;
        for (int batch = 1; batch <= 256; batch++)
        {
            LoopFigures figures = instance.Loop.At(batch, double.PositiveInfinity);
            Assert.True(figures.PerTokenMicroseconds >= last.PerTokenMicroseconds * (1 - 1e-12), $"{batch}: {figures} after {last}");
            Assert.True(figures.FirstTokenMicroseconds >= last.FirstTokenMicroseconds * (1 - 1e-12), $"{batch}: {figures} after {last}");
            Assert.True(figures.TokensPerMicrosecond >= last.TokensPerMicrosecond * (1 - 1e-12), $"{batch}: {figures} after {last}");
            last = figures;
        }
    }

    /// <summary>
    /// Each answer takes a prompt's time of everyone, and where prompts stop decoding its share of the steps that decode: short answers come no faster than their prompts are taken,
    /// however many wait for them; of a single token, nearly as fast where many do.
    /// </summary>
    [Theory]
    [InlineData("sglang", 4096, 1, 0)]
    [InlineData("sglang", 4096, 16, 0)]
    [InlineData("sglang", 512, 128, 0)]
    [InlineData("sglang", 4096, 16, 0.1)]
    [InlineData("sglang", 512, 128, 0.03)]
    [InlineData("vllm", 128, 1, 0)]
    [InlineData("vllm", 2048, 1, 0)]
    [InlineData("vllm", 256, 2, 0.1)]
    [InlineData("trtllm", 128, 1, 0)]
    [InlineData("trtllm", 2048, 4, 0)]
    [InlineData("trtllm", 4096, 1, 0.03)]
    public void Answers_come_no_faster_than_their_prompts_are_taken(string engine, int input, int output, double lengthSpread)
    {
        TransformerModel wide = ServedToy.Dense with { Hidden = 8192, FeedForward = 32_768 };
        EngineInstance instance = ServedToy.Instance(
            wide, OneCard, input, output, ServingEngine.All[engine], ArrivalPattern.Usual with { LengthSpread = lengthSpread });
        LoopFigures last = default;
        for (int clients = 1; clients <= 256; clients++)
        {
            LoopFigures figures = instance.Loop.At(clients, double.PositiveInfinity);
            double answers = figures.TokensPerMicrosecond / output;
            double decode = engine == "sglang" ? output * instance.Step.Microseconds(StepLoad.Decode(clients)) / clients : 0;
            double busy = answers * (instance.Loop.EachMicroseconds + decode);
            Assert.InRange(busy, clients == 256 && output == 1 ? 0.9 : 0, 1 + 1e-12);
            Assert.True(figures.PerTokenMicroseconds >= last.PerTokenMicroseconds * (1 - 1e-12), $"{clients}: {figures} after {last}");
            Assert.True(figures.FirstTokenMicroseconds >= last.FirstTokenMicroseconds * (1 - 1e-12), $"{clients}: {figures} after {last}");
            Assert.True(figures.TokensPerMicrosecond >= last.TokensPerMicrosecond * (1 - 1e-12), $"{clients}: {figures} after {last}");
            double cycle = figures.FirstTokenMicroseconds + (output * figures.PerTokenMicroseconds);
            Relative.Equal(clients * output * figures.PerTokenMicroseconds / cycle, figures.Decoding, 1e-9);
            last = figures;
        }
    }

    /// <summary>
    /// Answers of a wave of 64 end a step after each other; in the 3 ms that a prompt is on its way as many end as steps go by, of which 63 of 64 are in front of a prompt, of nine prompts of ten,
    /// all but those of the opening. A step takes one prompt of 5,000 tokens of its 8,192. Where lengths differ by half of 10,000 tokens, 64 of 5,064 are of a wave.
    /// </summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 64d / 5064)]
    public void A_prompt_of_a_wave_waits_for_those_that_were_answered_while_it_came(double lengthSpread, double ofWave)
    {
        const double Request = 3000;
        static EngineInstance Taking(double requestMicroseconds, double lengthSpread) => ServedToy.Instance(
            ServedToy.Dense, OneCard, 5000, 10_000, ServingEngine.All["trtllm"] with { RequestMicroseconds = requestMicroseconds }, ArrivalPattern.Usual with { LengthSpread = lengthSpread });
        EngineInstance instance = Taking(Request, lengthSpread);
        EngineStep step = instance.Step;
        LoopFigures figures = instance.Loop.At(64, 64);
        double beside = step.Microseconds(new StepLoad(64, 1, 5000, 0)) - step.Microseconds(StepLoad.Decode(64));
        double added = figures.FirstTokenMicroseconds - Taking(0, lengthSpread).Loop.At(64, 64).FirstTokenMicroseconds;
        double inFront = 0.9 * ofWave * 63 / 64 * Request / figures.PerTokenMicroseconds;
        Assert.Equal(Request + (inFront * beside), added, 0.02 * Request);
    }

    /// <summary>
    /// The 40 kernels of a pass with a prompt, at 10 ms each, take the host 400 ms, where the device takes some. In the time of a step decoding / 1,000 prompts come. Of 512 tokens a pass takes 16 of its 8,192, so
    /// that those which come together go together: 1 − exp(−λ) of the passes carry some; of 8,192 tokens each has a pass of its own. Such a pass takes 400 ms. A host that works beside the device
    /// launches it while the step before runs, which therefore takes no time of its own; one that does not, after it.
    /// </summary>
    [Theory]
    [InlineData(512, true, 2)]
    [InlineData(512, false, 1)]
    [InlineData(8192, true, 2)]
    public void A_step_with_a_prompt_takes_what_its_host_needs_beyond_the_step_before(int input, bool hidesBookkeeping, double freed)
    {
        ServingEngine slow = ServingEngine.All["trtllm"] with { EagerLaunchMicroseconds = 10_000, HidesBookkeeping = hidesBookkeeping, SequenceMicroseconds = 0 };
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, input, 1000, slow, ArrivalPattern.Usual);
        LoopFigures figures = instance.Loop.At(64, 64);
        double perPass = figures.Decoding / 1000;
        double share = input == 512 ? 1 - Math.Exp(-perPass) : perPass;
        double step = instance.Step.Microseconds(StepLoad.Decode(figures.Decoding));

        // Of that the part of a client's own prompt is not waited for: of all that decode as much as a lone one decodes of its time.
        LoopFigures lone = instance.Loop.At(1, 1);
        double own = 1000 * lone.PerTokenMicroseconds / ((1000 * lone.PerTokenMicroseconds) + lone.FirstTokenMicroseconds) / figures.Decoding;
        double late = (share * 400_000) - (freed * share * step);
        Relative.Equal(((1 - own) * late) + step + slow.HostMicroseconds, figures.PerTokenMicroseconds, 5e-3);
    }

    /// <summary>Prompts that an engine holds for others for 50 steps are taken together: of λ a step 1 + 50·λ at a time.</summary>
    [Fact]
    public void Prompts_that_are_held_for_others_are_launched_with_them()
    {
        static LoopFigures Of(double waitSteps) => ServedToy.Instance(
            ServedToy.Dense,
            OneCard,
            64,
            1000,
            ServingEngine.All["trtllm"] with { EagerLaunchMicroseconds = 10_000, BatchWaitSteps = waitSteps, SequenceMicroseconds = 0 },
            ArrivalPattern.Usual).Loop.At(32, 32);
        LoopFigures held = Of(50);
        double perPass = held.Decoding / 1000;
        double share = (1 - Math.Exp(-perPass)) / (1 + (50 * perPass));
        Assert.InRange(held.PerTokenMicroseconds, share * 400_000, (share * 400_000 * 1.05) + 1000);
        Assert.True(held.PerTokenMicroseconds < 0.6 * Of(0).PerTokenMicroseconds);
    }

    /// <summary>What the device takes longer for than the host to launch is not late.</summary>
    [Fact]
    public void A_step_with_a_prompt_is_not_late_where_the_device_has_enough_to_do()
    {
        double PerToken(double launchMicroseconds) => ServedToy.Instance(
            ServedToy.Dense, OneCard, 8192, 1000, ServingEngine.All["trtllm"] with { EagerLaunchMicroseconds = launchMicroseconds }, ArrivalPattern.Usual).Loop.At(16, 16).PerTokenMicroseconds;
        Assert.Equal(PerToken(0), PerToken(8));
    }

    [Fact]
    public void Clients_that_do_not_fit_wait()
    {
        ServingLoop loop = ServedToy.Instance(ServedToy.Dense, OneCard, 1024, 256).Loop;
        LoopFigures all = loop.At(32, 32);
        LoopFigures some = loop.At(32, 8);
        Assert.Equal(8, some.Running);
        Assert.True(some.FirstTokenMicroseconds > 3 * all.FirstTokenMicroseconds);
        Assert.True(some.PerTokenMicroseconds < all.PerTokenMicroseconds);
    }

    [Fact]
    public void A_decode_pool_of_its_own_is_not_held_up_by_prompts()
    {
        EngineInstance instance = ServedToy.Instance(ServedToy.Dense, OneCard, 4096, 128);
        double together = instance.Loop.At(16, instance.Memory.Sequences).PerTokenMicroseconds / 1000;
        ServingFigures apart = PoolLoop.At(instance.Loop, 4, double.PositiveInfinity, instance.Loop, 1, instance.Memory, 16, 128);
        Assert.True(apart.PerTokenMilliseconds < together);

        // No more requests than four prefill instances can take.
        double prompts = apart.TokensPerSecond / 128;
        Assert.True(prompts <= 4 / (instance.Step.Microseconds(new StepLoad(0, 1, 4096, 0)) * 1e-6));
    }

    [Fact]
    public void Parts_of_a_step_add_up()
    {
        EngineStep step = ServedToy.Instance(ServedToy.Experts, new ServingLayout(2, 4, 1, 8), 2048, 128).Step;
        StepLoad load = new(8, 1, 512, 0);
        StepParts parts = step.Parts(load);
        double apart = step.SharedMicroseconds(8, 1, 512) + step.PromptOwnMicroseconds(1, 512, 0);
        Relative.Equal(apart + (step.Microseconds(StepLoad.Decode(8)) - step.SharedMicroseconds(8, 0, 0)), parts.Total, 1e-12);
        Relative.Equal(step.Launches(load).Sum(launch => launch.Microseconds), parts.Total, 1e-12);
        foreach (StepPart part in new[] { StepPart.Experts, StepPart.AllToAll, StepPart.AllReduce, StepPart.DecodeAttention, StepPart.PrefillAttention, StepPart.Logits })
        {
            Assert.True(parts[(int)part] > 0, part.ToString());
        }

        Assert.Equal(0, parts[(int)StepPart.FeedForward]);
    }
}
