using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests;

/// <summary>Cost model A1 and A2: rates, and the time of an operator; the dense model on one toy card, 3 sequences.</summary>
public sealed class RateTests
{
    private const double Rows = 3;

    private static readonly ToyStage Stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()));

    [Fact]
    public void Seed_rates_of_the_toy_chip_are_round()
    {
        ChipRates rates = ToyChip.Balanced.Rates();
        Relative.Equal(640, rates.FlopsPerSecond(OperatorRate.Matrix, 1, 1, 1, 1));
        Relative.Equal(1280, rates.FlopsPerSecond(OperatorRate.Attention, 1, 1, 1, 1));
        Relative.Equal(320, rates.FlopsPerSecond(OperatorRate.Vector, 1, 1, 1, 1));
        Relative.Equal(512, rates.MemoryBytesPerSecond(1, readsCache: false));
        Relative.Equal(1048576, rates.CapacityBytes);
    }

    [Fact]
    public void Six_thousand_teraflops_print_as_the_seed_prints_them()
    {
        ComputeUnit unit = new(6000, 0.8, EfficiencyTable.Flat(1));
        Chip chip = ToyChip.Balanced with { Matrix = new Dictionary<string, ComputeUnit> { ["half"] = unit, ["eighth"] = unit } };
        Relative.Equal(5587.935447692871, chip.Rates().PeakMatrixFlopsPerSecond / Math.Pow(2, 40));
    }

    [Fact]
    public void The_longer_of_compute_and_memory_is_the_time()
    {
        // The qkv projection: 768/640 = 1.2 s against 304/512 = 0.59375 s.
        OperatorCost projection = Cost(ToyChip.Balanced, "attention/qkv_projection");
        Relative.Equal(1.2, projection.ComputeSeconds);
        Relative.Equal(0.59375, projection.MemorySeconds);
        Relative.Equal(1.2, projection.ProcessSeconds);
        Assert.True(projection.IsComputeBound);

        // The score and value product: 864/640 = 1.35 s against 960/512 = 1.875 s.
        OperatorCost product = Cost(ToyChip.Balanced, "attention/flash_score_value");
        Relative.Equal(1.35, product.ComputeSeconds);
        Relative.Equal(1.875, product.ProcessSeconds);
        Assert.False(product.IsComputeBound);
    }

    [Fact]
    public void Without_overlap_compute_and_memory_add_up() =>
        // 1.2 + 0.59375.
        Relative.Equal(1.79375, Cost(ToyChip.Balanced with { Mode = ProcessingMode.NoOverlap }, "attention/qkv_projection").ProcessSeconds);

    /// <summary>Latent attention on one card, r = 3, H' = 4: score FLOP 2·3·4·6·9 = 1296 at 1280 FLOP/s, projections at 640.</summary>
    [Fact]
    public void Latent_products_run_at_the_attention_type()
    {
        ToyStage latent = new(ToyModel.Decode(ToyModel.LatentExperts, ToyModel.Cards(new(1, 1, 1), ep: 1, mtp: 1, mdp: 1)));
        ChipRates rates = ToyChip.Balanced.Rates();
        Relative.Equal(1296 / 1280d, OperatorCost.Of(latent.Table, latent.IndexOf("attention/score"), rates, Rows).ComputeSeconds);

        // W_UK: FLOP 2·3·4·3·4 = 288.
        Relative.Equal(288 / 640d, OperatorCost.Of(latent.Table, latent.IndexOf("attention/key_absorb"), rates, Rows).ComputeSeconds);
    }

    [Fact]
    public void The_cache_coefficient_slows_what_reads_the_cache()
    {
        DeviceMemory memory = ToyChip.Balanced.Memory with { CacheReadCoefficient = 0.5, PrefillCacheReadCoefficient = 0.25 };
        Chip chip = ToyChip.Balanced with { Memory = memory };

        // 960/(512·0.5) = 3.75; the qkv projection stays at 304/512; a prefill phase has its own coefficient, 960/(512·0.25) = 7.5.
        Relative.Equal(3.75, Cost(chip, "attention/flash_score_value").MemorySeconds);
        Relative.Equal(0.59375, Cost(chip, "attention/qkv_projection").MemorySeconds);
        int product = Stage.IndexOf("attention/flash_score_value");
        Relative.Equal(7.5, OperatorCost.Of(Stage.Table, product, chip.Rates(phase: Phase.Prefill), Rows).MemorySeconds);
    }

    /// <summary>On TP = 2 an all-reduce counts FLOP and 3·8·2 = 48 bytes, of memory time 48/512, and takes no process time.</summary>
    [Fact]
    public void Communication_operators_take_no_process_time()
    {
        ToyStage shared = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2)));
        OperatorCost cost = OperatorCost.Of(shared.Table, shared.IndexOf("mlp/tp_all_reduce"), ToyChip.Balanced.Rates(), Rows);
        Relative.Equal(12, cost.Flops);
        Relative.Equal(0.09375, cost.MemorySeconds);
        Assert.Equal(0, cost.ProcessSeconds);
    }

    /// <summary>
    /// Seconds of an attention block's operators, compute against memory: norm 0.525, 0.21875; qkv 1.2, 0.59375; q/k norm 0.7875,
    /// 0.296875; product 1.35, 1.875; softmax 1.6875, 0; output 0.6, 0.25; residual 0.075, 0.28125. Four blocks.
    /// </summary>
    [Fact]
    public void A_breakdown_sums_the_blocks_of_a_stage()
    {
        PartBreakdown attention = StageBreakdown.Of(Stage.Table, ToyChip.Balanced.Rates(), Rows).Attention;

        // Bound by compute: 0.525 + 1.2 + 0.7875 + 1.6875 + 0.6 = 4.8; by memory: 1.875 + 0.28125 = 2.15625.
        Relative.Equal(4 * 4.8, attention.ComputeBoundSeconds);
        Relative.Equal(4 * 2.15625, attention.MemoryBoundSeconds);
        Relative.Equal(4 * 6.95625, attention.ProcessSeconds);

        // Matrix: 1.2 + 1.875 + 0.6 = 3.675; vector: 0.525 + 0.7875 + 1.6875 + 0.28125 = 3.28125.
        Relative.Equal(4 * 3.675, attention.MatrixSeconds);
        Relative.Equal(4 * 3.28125, attention.VectorSeconds);

        // Products: 1.875 by memory. Weights: 1.2 + 0.6 by compute.
        Assert.Equal(0, attention.BatchedProductComputeSeconds);
        Relative.Equal(4 * 1.875, attention.BatchedProductMemorySeconds);
        Relative.Equal(4 * 1.8, attention.FeedForwardComputeSeconds);
        Assert.Equal(0, attention.FeedForwardMemorySeconds);

        // FLOP 168 + 768 + 252 + 864 + 540 + 384 + 24 = 3000; bytes 112 + 304 + 152 + 960 + 128 + 144 = 1800.
        Relative.Equal(4 * 3000, attention.Flops);
        Relative.Equal(4 * 1800, attention.Bytes);
        Relative.Equal(4 * 6.225, attention.ComputeSeconds);
        Relative.Equal(4 * 1800 / 512d, attention.MemorySeconds);
    }

    private static OperatorCost Cost(Chip chip, string path) => OperatorCost.Of(Stage.Table, Stage.IndexOf(path), chip.Rates(), Rows);
}
