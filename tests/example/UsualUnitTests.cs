using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Compute units of a chip that states none: one peak over 7.5 TFLOP/s in 16 bits, whatever the job computes in.</summary>
public sealed class UsualUnitTests
{
    [Theory]
    [InlineData("float8 float16 float4", "float16", 7.5e12)]
    [InlineData("float16 bfloat16", "bfloat16", 7.5e12)]
    [InlineData("float4 int8 float8", "float8", 15e12)]
    [InlineData("float4 float32", "float4", 30e12)]
    [InlineData("float64 float32", "float32", 3.75e12)]
    [InlineData("float8 fp16", "fp16", 7.5e12)]
    [InlineData("half eighth", "half", 7.5e12)]
    public void The_peak_in_16_bits_says_how_many_else_the_nearest(string types, string type, double unitFlopsPerSecond)
    {
        Chip chip = With([.. types.Split(' ').Select(each => (each, 75d))]);
        Assert.Equal(type, UsualUnits.TypeOf(chip));
        Assert.Equal(unitFlopsPerSecond, UsualUnits.FlopsPerSecond(type));
        Relative.Equal(Math.Max(1, 75e12 / unitFlopsPerSecond), UsualUnits.Of(chip));
    }

    /// <summary>1,000 TFLOP/s over 7.5 are 133 1/3 units. Neither other types nor accounting nor another format's peak change that, half as high a peak of 16 bits does.</summary>
    [Fact]
    public void Units_are_the_same_whatever_a_job_computes_in()
    {
        Chip chip = With([("float16", 1000), ("float8", 2000), ("float4", 6000)]);
        foreach (FlopsTypes types in new FlopsTypes[] { new("float4", "float8", "half"), new("float8", "float16", "half"), new("float16", "float16", "half") })
        {
            foreach (Accounting accounting in Enum.GetValues<Accounting>())
            {
                ChipRates rates = new(chip, types, accounting, Phase.Decode);
                Relative.Equal(1000 / 7.5, rates.ComputeUnits);
                ChipNumbers numbers = rates.Numbers.Copy();
                numbers.Values[ChipNumbers.Teraflops(OperatorRate.Matrix)] *= 2;
                numbers.Values[ChipNumbers.WidthTeraflops(2)] *= 2;
                rates.Retune(numbers);
                Relative.Equal(1000 / 7.5, rates.ComputeUnits);
                numbers.Values[ChipNumbers.UnitTeraflops] /= 2;
                rates.Retune(numbers);
                Relative.Equal(500 / 7.5, rates.ComputeUnits);
                numbers.Values[ChipNumbers.UnitTeraflops] = 1;
                rates.Retune(numbers);
                Assert.Equal(1, rates.ComputeUnits);
            }
        }
    }

    /// <summary>At a clock at which 7.5 TFLOP/s are half of what only units feed that fetch by themselves, too.</summary>
    [Fact]
    public void Guessed_units_fetch_by_themselves_unless_the_file_says_otherwise()
    {
        Chip chip = With([("float16", 1000)]) with { Structure = new ChipStructure(ClockHertz: 3.6e9) };
        FlopsTypes types = new("float16", "float16", "half");
        Assert.True(new ChipRates(chip, types, Accounting.Physical, Phase.Decode).Structure.IsAsynchronous);
        Chip waiting = chip with { Structure = chip.Structure with { IsAsynchronous = false } };
        Assert.False(new ChipRates(waiting, types, Accounting.Physical, Phase.Decode).Structure.IsAsynchronous);
        Chip stated = chip with { Timings = ServedToy.Chip.Timings };
        ChipRates known = new(stated, types, Accounting.Physical, Phase.Decode);
        Assert.Null(known.Structure.IsAsynchronous);
        Assert.Equal(100, known.ComputeUnits);
        Assert.Equal(0, known.Numbers.Values[ChipNumbers.UnitTeraflops]);
    }

    /// <summary>Forms beside learned times take the units that a variant has, which need not be whole: 300 tiles of 128 by 128 make three waves of 100 and of 100.5, at other shares of the peak, and six of 50.</summary>
    [Fact]
    public void Fitted_forms_go_by_the_units_that_a_variant_has()
    {
        RooflineChip peaks = new(100, 2e12, 1e15, 2e15, 4e15);
        FittedTimes fitted = new(ServedToy.Chip, FittedForms.Of(ServedToy.Chip.Timings)!, ServingEngine.All["vllm"], 2e12, 4e11, 4e11, peaks);
        OperatorShape shape = new(OperatorFamily.Product, NumberKind.SixteenBit, 1280, 3840, 4096);
        double Microseconds(double units) => fitted.On(2e12, 4e11, 4e11, peaks with { ComputeUnits = units }).Microseconds(shape)!.Value;
        Assert.Equal(fitted.Microseconds(shape), Microseconds(100));
        Assert.NotEqual(Microseconds(100), Microseconds(50));
        Assert.NotEqual(Microseconds(100), Microseconds(100.5));
    }

    private static Chip With((string Type, double Teraflops)[] peaks) => ToyChip.Balanced with
    {
        Matrix = peaks.ToDictionary(peak => peak.Type, peak => new ComputeUnit(peak.Teraflops, 1, EfficiencyTable.Flat(1))),
    };
}
