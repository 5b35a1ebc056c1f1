using FastSim.Kernels.Models;

namespace FastSim.Example.Tests;

/// <summary>What a row attends to within a window or a chunk.</summary>
public sealed class AttentionReachTests
{
    /// <summary>6 prompt and 4 generated tokens: mid-generation 9.</summary>
    [Theory]
    [InlineData(5, 5)]
    [InlineData(9, 9)]
    [InlineData(12, 9)]
    public void A_window_cuts_the_context_of_a_decode_step_off(int window, double context) =>
        Assert.Equal(context, AttentionReach.Window(window).DecodeContext(ToyModel.Lengths));

    [Fact]
    public void A_chunk_begins_again()
    {
        // Chunks of 4: tokens 7, 8, 9 and 10 are the third and fourth of one chunk and the first and second of the next.
        Relative.Equal((3 + 4 + 1 + 2) / 4d, AttentionReach.Chunk(4).DecodeContext(ToyModel.Lengths));

        // All ten fit one of 10: the mid-generation context, as without chunks.
        Relative.Equal(9, AttentionReach.Chunk(10).DecodeContext(ToyModel.Lengths));
    }

    [Fact]
    public void A_prompt_attends_to_what_is_within_reach()
    {
        // Six tokens: 1, 2, 3, 3, 3, 3 with a window of 3; 1, 2, 3, 4, 1, 2 in chunks of 4; 1 to 6 without.
        Relative.Equal(15 / 6d, AttentionReach.Window(3).MeanContext(0, 6));
        Relative.Equal(13 / 6d, AttentionReach.Chunk(4).MeanContext(0, 6));
        Relative.Equal(21 / 6d, AttentionReach.Whole.MeanContext(0, 6));

        // The last two of them.
        Relative.Equal(3, AttentionReach.Window(3).MeanContext(4, 6));
        Relative.Equal(1.5, AttentionReach.Chunk(4).MeanContext(4, 6));
    }

    [Fact]
    public void What_is_out_of_reach_is_not_kept()
    {
        Assert.Equal(3, AttentionReach.Window(3).Held(10));
        Assert.Equal(4, AttentionReach.Chunk(4).Held(10));
        Assert.Equal(10, AttentionReach.Whole.Held(10));
    }
}
