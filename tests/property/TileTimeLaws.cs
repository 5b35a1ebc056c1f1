using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;

namespace FastSim.Laws.Tests;

/// <summary>What is remembered of products says, to the bit, what each tile and each split says by itself, whoever was asked about before.</summary>
[Laws(Arbitrary = [typeof(RandomServing)])]
public sealed class TileTimeLaws
{
    private static readonly double[] Rows = [16, 32, 64, 128, 256];
    private static readonly double[] Columns = [32, 64, 128, 256];

    [Law(MaxTest = 3000)]
    public void A_product_takes_what_the_fastest_of_all_tiles_and_splits_does(PositiveInt rows, PositiveInt columns, PositiveInt depth, PositiveInt units, NonNegativeInt choice)
    {
        double m = rows.Get * (choice.Get % 3 == 0 ? 37.5 : 1);
        (double n, double k) = (1 + (columns.Get * 37 % 9000), 64 + (depth.Get * 101 % 9000));
        TimingChip chip = new(1 + (units.Get % 150), 2e12, 4e11);
        double[] parameters = [3, 0.8, 0.75, 3, 1 + (choice.Get % 7 / 2.0), 0.1 + (choice.Get % 11), 0.3, 1];
        double[] perDepth = new double[GemmTiming.Tiles];
        GemmTiming.PerDepth(parameters, chip, 1e15, 1, 2, perDepth);

        double memoryRate = chip.MemoryBytesPerSecond * parameters[2] / 1e6;
        double memory = ((k * n * 1) + (m * k * 2) + (m * n * 2)) / memoryRate;
        double least = Fastest(perDepth, chip.ComputeUnits, m, n, k, memoryRate, parameters[5]);
        double longer = Math.Max(least, memory);
        double expected = parameters[0] + (longer * Math.Pow(1 + Math.Pow(Math.Min(least, memory) / longer, parameters[4]), 1 / parameters[4]));
        Assert.Equal(expected, GemmTiming.Microseconds(parameters, perDepth, chip, 1, 2, m, n, k, 0));
    }

    [Law(MaxTest = 100)]
    public void Neighbours_of_other_layouts_and_lengths_change_nothing(Job job, int choice, PositiveInt length)
    {
        ChipRates rates = new(job.DecodeChip, job.Types, job.Accounting, Phase.Decode);
        EngineClock clock = new(rates, job.Engine!, job.Timing, job.DecodeChip.Efficiency is { } model ? new LearnedTimes(model) : null);
        for (int neighbour = 0; neighbour < 4; neighbour++)
        {
            if (RandomPlans.Layout(job, choice + neighbour) is not { } layout)
            {
                continue;
            }

            SequenceLengths lengths = job.Lengths with { Input = job.Lengths.Input + (length.Get % 300) + (5 * neighbour) };
            LoopFigures Figures()
            {
                DeploymentShape shape = new(job.Model, lengths, job.Precision, job.Accounting, job.Prediction, Phase.Decode, layout, layout.PipelineParallel) { Engine = job.Engine, Arrivals = job.Arrivals };
                EngineInstance instance = EngineInstance.Of(shape, clock);
                return instance.Loop.At(16, instance.Memory.Sequences);
            }

            LoopFigures among = Figures();
            LoopFigures alone = default;
            Thread own = new(() => alone = Figures());
            own.Start();
            own.Join();
            Assert.Equal(alone, among);
        }
    }

    private static double Fastest(double[] perDepth, double units, double m, double n, double k, double memoryRate, double splitMicroseconds)
    {
        double least = double.PositiveInfinity;
        for (int row = 0; row < Rows.Length && (row == 0 || Rows[row] < 2 * m); row++)
        {
            for (int column = 0; column < Columns.Length; column++)
            {
                double tiles = Math.Ceiling(m / Rows[row]) * Math.Ceiling(n / Columns[column]);
                double each = perDepth[(row * Columns.Length) + column];
                least = Math.Min(least, Math.Ceiling(tiles / units) * each * k);
                for (int halvings = 1; halvings <= 4 && k / (1 << halvings) >= 256 && tiles * (1 << halvings) <= 2 * units; halvings++)
                {
                    double splits = 1 << halvings;
                    double added = (splitMicroseconds * (1 + halvings)) + (m * n * 4 * splits / memoryRate);
                    least = Math.Min(least, (Math.Ceiling(tiles * splits / units) * each * (k / splits)) + added);
                }
            }
        }

        return least;
    }
}
