using FastSim.Kernels.Chips;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests;

/// <summary>Cost model A1, efficiency tables: thresholds fall, the first row that an operator reaches wins, else the last.</summary>
public sealed class EfficiencyTableTests
{
    private const double Anything = double.NegativeInfinity;

    private static readonly ToyStage Stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()));

    [Theory]
    [InlineData(1000, 0.9)]
    [InlineData(100, 0.9)]
    [InlineData(99, 0.6)]
    [InlineData(10, 0.6)]
    [InlineData(1, 0.3)]
    [InlineData(0.5, 0.3)]
    public void The_first_row_reached_wins_and_below_every_row_the_last(double size, double efficiency) =>
        Assert.Equal(efficiency, EfficiencyTable.BySize([100, 10, 1], [0.9, 0.6, 0.3]).At(size));

    [Fact]
    public void A_free_row_matches_anything() =>
        Assert.Equal(0.2, EfficiencyTable.BySize([100, Anything], [0.9, 0.2]).At(0));

    [Theory]
    [InlineData(64, 64, 64, 0.9)]
    [InlineData(63, 64, 64, 0.5)]
    [InlineData(1, 64, 8, 0.5)]
    [InlineData(64, 63, 64, 0.1)]
    [InlineData(64, 64, 7, 0.1)]
    public void A_row_of_a_shape_is_reached_in_every_extent(double m, double n, double k, double efficiency)
    {
        EfficiencyTable table = EfficiencyTable.ByShape(
            [64, Anything, Anything], [64, 64, Anything], [64, 8, Anything], [0.9, 0.5, 0.1]);
        Assert.Equal(efficiency, table.At(1, m, n, k));
    }

    [Fact]
    public void Below_every_shape_the_last_row_serves() =>
        Assert.Equal(0.4, EfficiencyTable.ByShape([64, 32], [64, 32], [64, 32], [0.9, 0.4]).At(1, 1, 1, 1));

    [Fact]
    public void A_table_is_flat_when_every_row_has_the_same_efficiency()
    {
        Assert.True(EfficiencyTable.Flat(0.7).IsFlat);
        Assert.True(EfficiencyTable.BySize([10, 1], [0.7, 0.7]).IsFlat);
        Assert.False(EfficiencyTable.BySize([10, 1], [0.7, 0.6]).IsFlat);
        Assert.Equal(0.8, EfficiencyTable.BySize([10, 1], [0.7, 0.8]).Best);
        Assert.Equal(0.7, EfficiencyTable.Flat(0.7).At(123));
    }

    [Fact]
    public void A_table_needs_a_row_and_columns_of_one_length()
    {
        Assert.Throws<ArgumentException>(() => EfficiencyTable.BySize([], []));
        Assert.Throws<ArgumentException>(() => EfficiencyTable.BySize([2, 1], [1]));
        Assert.Throws<ArgumentException>(() => EfficiencyTable.ByShape([1], [1, 2], [1], [1]));
    }

    /// <summary>At 500 FLOP and more full speed, below half: qkv has 768 FLOP, the output projection 384.</summary>
    [Fact]
    public void A_matrix_operator_is_measured_in_gigaflop()
    {
        Chip chip = WithMatrix(EfficiencyTable.BySize([500e-9, 0], [1, 0.5]));
        Relative.Equal(768 / 640d, Cost(chip, "attention/qkv_projection").ComputeSeconds);
        Relative.Equal(384 / 320d, Cost(chip, "attention/output_projection").ComputeSeconds);
    }

    /// <summary>With 3 sequences qkv is 3 × 16 × 8 (m, n, k) and the output projection 3 × 8 × 8.</summary>
    [Fact]
    public void A_matrix_operator_is_measured_in_rows_columns_and_depth()
    {
        Chip chip = WithMatrix(EfficiencyTable.ByShape([4, 3, Anything], [1, 16, Anything], [1, 8, Anything], [1, 0.5, 0.25]));
        Relative.Equal(768 / 320d, Cost(chip, "attention/qkv_projection").ComputeSeconds);
        Relative.Equal(384 / 160d, Cost(chip, "attention/output_projection").ComputeSeconds);
    }

    /// <summary>At 256 bytes and more full bandwidth, below a quarter: qkv moves 304 bytes, the output projection 128.</summary>
    [Fact]
    public void Memory_is_measured_in_megabytes_moved()
    {
        EfficiencyTable table = EfficiencyTable.BySize([256 * ToyChip.Kibibyte, 0], [1, 0.25]);
        Chip chip = ToyChip.Balanced with { Memory = ToyChip.Balanced.Memory with { Efficiency = table } };
        Relative.Equal(304 / 512d, Cost(chip, "attention/qkv_projection").MemorySeconds);
        Relative.Equal(128 / 128d, Cost(chip, "attention/output_projection").MemorySeconds);
    }

    [Fact]
    public void Rates_are_flat_when_every_table_is()
    {
        Assert.True(ToyChip.Balanced.Rates().HasFlatEfficiency);
        Assert.False(WithMatrix(EfficiencyTable.BySize([1, 0], [1, 0.5])).Rates().HasFlatEfficiency);
        NetworkTier uneven = ToyChip.Inner with { SizeEfficiency = EfficiencyTable.BySize([1, 0], [1, 0.5]) };
        Assert.False((ToyChip.Balanced with { Networks = [uneven, ToyChip.Outer] }).Rates().HasFlatEfficiency);
    }

    private static Chip WithMatrix(EfficiencyTable table)
    {
        ComputeUnit unit = ToyChip.Balanced.Matrix["half"] with { Efficiency = table };
        return ToyChip.Balanced with { Matrix = new Dictionary<string, ComputeUnit> { ["half"] = unit, ["eighth"] = unit } };
    }

    private static OperatorCost Cost(Chip chip, string path) =>
        OperatorCost.Of(Stage.Table, Stage.IndexOf(path), chip.Rates(), sequences: 3);
}
