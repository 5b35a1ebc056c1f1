using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>Cost model A3 through the job solver: how a mixture of experts counts its batch and places its experts.</summary>
public sealed class ExpertJobTests
{
    /// <summary>Eight cards that decode as [DP, PP, TP] = [4, 1, 2] and [EP, MTP, MDP] = [4, 2, 1].</summary>
    private static readonly Job EightCardsDecode = ToyJob.Split with
    {
        Model = ToyModel.LatentExperts,
        Cards = 8,
        Splits = [new CardSplit(0, 8)],
        DecodeChip = ToyChip.MemoryBound.Hidden(),
        Decode = new PlanRestriction([new(4, 1, 2)], [new(4, 2, 1)], null),
    };

    /// <summary>A card holds 1606 + 1104 bytes a sequence of its rank (MemoryTests); TP = 2 of them are one a card.</summary>
    [Theory]
    [InlineData(1606 + (1104 * 6), 3)]
    [InlineData(1606 + (1104 * 3), 1)]
    [InlineData(1606 + 1104, 0)]
    public void A_batch_is_whole_sequences_per_card(int bytes, int batch)
    {
        Chip chip = EightCardsDecode.DecodeChip.WithGibibytes(bytes / DeviceMemory.BytesPerGibibyte);
        PhaseWinner? winner = (EightCardsDecode with { DecodeChip = chip }).Solve().Decode;
        Assert.Equal(batch, winner?.MicroBatch ?? 0);
        Assert.Equal(batch * 2, winner?.Sequences ?? 0);
        Assert.Equal(batch * 8, winner?.InFlight ?? 0);
    }

    /// <summary>
    /// The more experts a card holds, the more weights it reads: R = 2 puts (8 + 2 + 2)/4 = 3 on a card, R = 6 puts 4, R = 10 five;
    /// other numbers do not divide by EP = 4.
    /// </summary>
    [Fact]
    public void Redundant_experts_that_only_cost_weights_lose()
    {
        Job job = EightCardsDecode with
        {
            Redundancy = new RedundancyRange(2, 10),
            Decode = EightCardsDecode.Decode with { Batches = [new BatchTriple(2, 1, 2)] },
        };
        JobResult result = job.Solve();
        Assert.Equal(2, result.Decode!.Layout.RedundantExperts);
        Assert.Equal(
            (9, 6, 1, 2),
            (result.DecodeTally!.Covered, result.DecodeTally.Indivisible, result.DecodeTally.Feasible, result.DecodeTally.Outbid));
    }

    [Fact]
    public void A_shared_expert_on_every_card_makes_as_many_replicas_as_expert_ranks()
    {
        // 8 + 4 redundant divide by EP = 4, and each of the four ranks carries one shared expert besides.
        Job job = EightCardsDecode with { Redundancy = new RedundancyRange(4, 4), SharedExpertOnEveryCard = true };
        Assert.Equal(4, job.Solve().Decode!.Layout.SharedReplicas);
    }

    /// <summary>The seed's comments on the two settings: they take effect in decode alone; unset, the model's own numbers hold.</summary>
    [Fact]
    public void Expert_settings_of_a_job_are_for_decode()
    {
        RedundancyRange own = new(2, 2);
        Job job = EightCardsDecode with { Redundancy = new RedundancyRange(0, 4), SharedExpertOnEveryCard = true };
        Assert.Equal(new ExpertPlacement(new RedundancyRange(0, 4), true), ExpertPlacement.Of(job, Phase.Decode));
        Assert.Equal(new ExpertPlacement(own, false), ExpertPlacement.Of(job, Phase.Prefill));
        Assert.Equal(new ExpertPlacement(own, false), ExpertPlacement.Of(EightCardsDecode, Phase.Decode));
    }
}
