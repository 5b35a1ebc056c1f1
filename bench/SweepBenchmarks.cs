using BenchmarkDotNet.Attributes;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Sweeps;

namespace FastSim.Bench;

/// <summary>Variants of the golden DeepSeek-V3 decode job's chip: HBM GiB, GBps, float8 tflops and link bandwidth, as many steps each.</summary>
internal sealed class SweptChips
{
    private const int Block = 2048;

    private readonly SweepJob sweep;
    private readonly int steps;
    private readonly double capacityFactor;

    public SweptChips(int steps, double capacityFactor = 1)
        : this(steps, capacityFactor, BenchInputs.Job(BenchInputs.PathOf("data", "runtimes", "sample.json"), RuntimeOverrides.None))
    {
    }

    /// <summary>Variants of another decode job's chip.</summary>
    public SweptChips(int steps, double capacityFactor, Job job)
    {
        this.steps = steps;
        this.capacityFactor = capacityFactor;
        sweep = new SweepJob(job);
    }

    public int Count => steps * steps * steps * steps;

    /// <summary>Answers every variant on all threads; returns the candidates.</summary>
    public SweepTally Solve()
    {
        int next = -1;
        int blocks = (Count + Block - 1) / Block;
        SweepTally tally = new();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            JobSweep search = new(sweep, LaneWidths.Best);
            ChipRows none = new(sweep.PrefillNumbers.Values.Length);
            ChipRows chips = new(sweep.DecodeNumbers.Values.Length);
            ChipPlaces[] places = new ChipPlaces[Block];
            VariantResult[] results = new VariantResult[Block];
            for (int block = Interlocked.Increment(ref next); block < blocks; block = Interlocked.Increment(ref next))
            {
                int count = Math.Min(Block, Count - (block * Block));
                chips.Clear();
                for (int index = 0; index < count; index++)
                {
                    places[index] = new ChipPlaces(0, index);
                    Write((block * Block) + index, chips.Add(sweep.DecodeNumbers.Values));
                }

                search.Solve(none, chips, places.AsSpan(0, count), results.AsSpan(0, count));
            }

            lock (tally)
            {
                search.MoveCountsTo(tally);
            }
        });
        return tally;
    }

    /// <summary>The job on one of the variants, for a search of its own.</summary>
    public Job Alone(int variant)
    {
        double[] row = new double[sweep.DecodeNumbers.Values.Length];
        sweep.DecodeNumbers.Values.CopyTo(row);
        Write(variant, row);
        Chip chip = sweep.Job.DecodeChip;
        FlopsTypes types = sweep.Job.Types;
        Dictionary<string, ComputeUnit> matrix = new(chip.Matrix);
        matrix[types.Attention] = matrix[types.Attention] with { Teraflops = row[ChipNumbers.Teraflops(OperatorRate.Attention)] };
        NetworkTier[] networks = [.. chip.Networks];
        networks[0] = networks[0] with { GigabytesPerSecond = row[ChipNumbers.LinkGigabytesPerSecond(0)] };
        return sweep.Job with
        {
            DecodeChip = chip with
            {
                Matrix = matrix,
                Networks = networks,
                Memory = chip.Memory with
                {
                    CapacityGibibytes = row[ChipNumbers.CapacityGibibytes],
                    GigabytesPerSecond = row[ChipNumbers.MemoryGigabytesPerSecond],
                },
            },
        };
    }

    private void Write(int variant, Span<double> row)
    {
        double Step(int axis) => variant / (int)Math.Pow(steps, 3 - axis) % steps / (double)steps;
        row[ChipNumbers.CapacityGibibytes] = (36 + (252 * Step(0))) * capacityFactor;
        row[ChipNumbers.MemoryGigabytesPerSecond] = 2000 + (14_000 * Step(1));
        row[ChipNumbers.Teraflops(OperatorRate.Attention)] = 500 + (7500 * Step(2));
        if (sweep.Job.Types.Matrix == sweep.Job.Types.Attention)
        {
            row[ChipNumbers.Teraflops(OperatorRate.Matrix)] = row[ChipNumbers.Teraflops(OperatorRate.Attention)];
        }

        row[ChipNumbers.LinkGigabytesPerSecond(0)] = 50 + (12_000 * Step(3));
    }
}

/// <summary>A variant of a sweep against a search of its own: 10,000 variants, and a sample of 20 of them on the other engines. Per variant.</summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class SweepBenchmarks
{
    private const int Variants = 10_000;
    private const int Sample = 20;

    private readonly SweptChips chips = new(10);
    private Job[] sample = [];

    /// <summary>Takes the sample.</summary>
    [GlobalSetup]
    public void Setup() => sample = [.. Enumerable.Range(0, Sample).Select(index => chips.Alone(((index * Variants) + (Variants / 2)) / Sample))];

    /// <summary>The sweep on every core.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Variants)]
    public SweepTally Sweep() => chips.Solve();

    /// <summary>The scalar engine on every core, variant by variant.</summary>
    [Benchmark(OperationsPerInvoke = Sample)]
    public JobResult[] Scalar() => JobSolver.SolveAll(sample, EngineSettings.Default with { Kind = EngineKind.Scalar }, () => { });

    /// <summary>The bound engine on every core, variant by variant.</summary>
    [Benchmark(OperationsPerInvoke = Sample)]
    public JobResult[] Bound() => JobSolver.SolveAll(sample, EngineSettings.Default, () => { });
}

/// <summary>How the time of a sweep grows with its variants.</summary>
[Config(typeof(ProductConfig))]
[MedianColumn]
public class SweepSizeBenchmarks
{
    private SweptChips chips = null!;

    /// <summary>Steps of each of the four axes: about 1,000, 10,000, 100,000 and 1,000,000 variants.</summary>
    [Params(6, 10, 18, 32)]
    public int Steps { get; set; }

    /// <summary>Prepares the job.</summary>
    [GlobalSetup]
    public void Setup() => chips = new SweptChips(Steps);

    /// <summary>The sweep on every core.</summary>
    [Benchmark]
    public SweepTally Sweep() => chips.Solve();
}

/// <summary>How the time of a sweep grows with the batches that a chip holds.</summary>
[Config(typeof(ProductConfig))]
[MedianColumn]
public class SweepBatchBenchmarks
{
    private SweptChips chips = null!;

    /// <summary>What the capacity of every variant is multiplied by; the largest batch grows faster, since weights stay.</summary>
    [Params(1, 8, 64)]
    public int Capacity { get; set; }

    /// <summary>Prepares the job.</summary>
    [GlobalSetup]
    public void Setup() => chips = new SweptChips(10, Capacity);

    /// <summary>The sweep on every core.</summary>
    [Benchmark]
    public SweepTally Sweep() => chips.Solve();
}
