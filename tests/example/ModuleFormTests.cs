using FastSim.Kernels.Launches;

namespace FastSim.Example.Tests;

/// <summary>Timings of expert exchanges, of sparse attention's kernels and of quantising, at values computed by hand.</summary>
public sealed class ModuleFormTests
{
    /// <summary>10 units, 1 MB/µs of memory, 1 MB/µs of link.</summary>
    private static readonly TimingChip Chip = new(10, 1e12, 1e12);

    /// <summary>Floor 5, 0.1 a part, half the link, 2 a token, 1 kB/µs a unit, added up; 10 and half of the outer network.</summary>
    private static readonly double[] Exchange = [5, 0.1, 0.5, 2, 1, 1, 10, 0.5];

    private const double Outer = 1e9;

    [Fact]
    public void A_low_latency_exchange_sends_a_copy_an_expert()
    {
        // 20 experts on 10 units are 2 each, so 10 units take 2 of 20 tokens each: 2·2 + 2·1,000/1e3 = 6 µs.
        // Wire: 20·2 copies of 1,000 bytes, of which 3/4 go to other cards, at 0.5 MB/µs: 0.06 µs. Floor 5, parts 20·0.1.
        Relative.Equal(5 + 2 + 6.06, ExpertExchangeTiming.LowLatency(Exchange, Chip, Outer, 20, 1000, 2, 20, 4, 4), 1e-12);
    }

    [Fact]
    public void What_leaves_the_server_passes_beside_what_stays()
    {
        // With two cards a server half of the copies leave: 20,000 bytes at 0.5 of 1 kB/µs are 40 µs, and 10 of latency; the inside's
        // 6 + 10,000/0.5e6 = 6.02 µs hide behind them.
        Relative.Equal(5 + 2 + 50, ExpertExchangeTiming.LowLatency(Exchange, Chip, Outer, 20, 1000, 2, 20, 4, 2), 1e-12);
    }

    [Fact]
    public void A_throughput_exchange_sends_a_copy_a_card_and_between_servers_one_a_server()
    {
        // One of 8 experts: one card of four, and with even chance the other server. 5 units take 2 tokens each: 2·2 + 2·1,000/1e3 = 6 µs
        // inside, hidden behind 10·0.5·1,000/500 = 10 µs and 10 of latency outside. Floor 5, parts 5·0.1.
        Relative.Equal(25.5, ExpertExchangeTiming.Throughput(Exchange, Chip, Outer, 10, 1000, 1, 8, 4, 2, 0, 5), 1e-12);

        // In one server: half of the copies go to the other card of two: 10·1,000·1/2 bytes at 0.5 MB/µs, 0.01 µs.
        Relative.Equal(5.5 + 6.01, ExpertExchangeTiming.Throughput(Exchange, Chip, Outer, 10, 1000, 1, 8, 2, 2, 0, 5), 1e-12);
    }

    [Fact]
    public void Routing_that_keeps_to_few_servers_sends_fewer_copies()
    {
        // 8 of 256 experts on 4 servers: 4·(1 − C(192,8)/C(256,8)) servers; kept to one, its quarter is one's own.
        double free = ExpertExchangeTiming.Throughput(Exchange, Chip, Outer, 4096, 1000, 8, 256, 32, 8, 0, 5);
        double kept = ExpertExchangeTiming.Throughput(Exchange, Chip, Outer, 4096, 1000, 8, 256, 32, 8, 1, 5);
        double servers = ExpertExchangeTiming.GroupsReached(4, 256, 8);
        Relative.Equal(5.5 + 10 + (4096 * servers * 0.75 * 1000 / 500), free, 1e-12);
        Relative.Equal(5.5 + 10 + (4096 * 0.75 * 1000 / 500), kept, 1e-12);
    }

    [Fact]
    public void Two_of_four_experts_reach_both_halves_five_times_in_six()
    {
        // Both in one half: 2/4·1/3 = 1/6 for each half, so 2·(1 − 1/6) halves.
        Relative.Equal(10.0 / 6, ExpertExchangeTiming.GroupsReached(2, 4, 2), 1e-12);
        Assert.Equal(1, ExpertExchangeTiming.GroupsReached(1, 4, 2));
    }

    [Fact]
    public void A_dispatched_token_has_8_bits_and_scales_and_comes_back_in_16()
    {
        Assert.Equal(7168 + 224, ExpertExchangeTiming.DispatchedBytes(7168));
        Assert.Equal(14336, ExpertExchangeTiming.ReturnedBytes(7168));
    }

    [Fact]
    public void Scores_take_as_long_as_the_block_that_sees_most()
    {
        // 8 queries of 32 heads are 2 blocks of 128 rows on 10 units. A token: 2·128·100 FLOP at half of 0.1 TFLOP/s a unit, 0.512 µs.
        // The longest block: 150·0.512 + 2 = 78.8 µs; keys and scores 1,000 + 8·100·4 bytes at 1 MB/µs: 0.0042 µs. Floor 3.
        double[] parameters = [3, 0.5, 1, 2, 1];
        Relative.Equal(81.8042, IndexScoreTiming.Microseconds(parameters, Chip, 1e12, 8, 100, 150, 32, 100, 1000, false), 1e-12);

        // Split over all units: 2/10·(100·0.512 + 2) = 10.64 µs.
        Relative.Equal(13.6442, IndexScoreTiming.Microseconds(parameters, Chip, 1e12, 8, 100, 150, 32, 100, 1000, true), 1e-12);
    }

    [Fact]
    public void Selection_goes_row_by_row_and_short_rows_cost_little()
    {
        // 20 rows of 1,000 tokens on 10 slots: 2·(2 + 1,000·0.01) = 24 µs; 40 short ones 4·0.5 = 2 µs; 80,000 bytes at 0.5 MB/µs: 0.16 µs.
        double[] parameters = [1, 2, 10, 0.5, 1, 0.5, 1];
        Relative.Equal(27.16, IndexSelectionTiming.Microseconds(parameters, Chip, 20, 1000, 40), 1e-12);

        // A single row does not spread: its 12 µs, 4,000 bytes 0.008 µs.
        Relative.Equal(13.008, IndexSelectionTiming.Microseconds(parameters, Chip, 1, 1000, 0), 1e-12);
        Assert.Equal(1, IndexSelectionTiming.Microseconds(parameters, Chip, 0, 0, 0));
    }

    [Fact]
    public void Sparse_attention_gathers_a_rows_tokens_once_for_all_its_heads()
    {
        // 10 rows, 100 tokens, 8 heads padded to 16: 2·10·16·(60 + 40)·100 FLOP at 0.5 TFLOP/s: 6.4 µs. Gathered: 10·100·60·2 bytes at 2 MB/µs.
        double[] parameters = [4, 0.5, 2, 1];
        Relative.Equal(10.46, SparseAttentionTiming.Microseconds(parameters, Chip, 1e12, 10, 100, 8, 60, 40, 2), 1e-12);
    }

    [Theory]
    [InlineData(0.4e6, 2.4)]
    [InlineData(1.2e6, 3.8)]
    [InlineData(2e6, 6)]
    public void Quantising_an_input_that_the_cache_holds_is_faster(double bytes, double microseconds)
    {
        // Floor 2, 0.5 MB/µs, twice that from a cache of 1 MB: 0.4 MB are all in it, of 1.2 MB 3 − 2·1.2 = 0.6 MB, of 2 MB none.
        double[] parameters = [2, 0.5, 1, 2];
        Relative.Equal(microseconds, QuantizeTiming.Microseconds(parameters, Chip, bytes), 1e-12);
    }
}
