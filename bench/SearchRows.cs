using System.Diagnostics;
using FastSim.Kernels.Clocks;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using static FastSim.Bench.PerformanceRows;

namespace FastSim.Bench;

/// <summary>What searches and sweeps of chips cost by engine and by clock, warm and in process.</summary>
internal static class SearchRows
{
    private const int Rounds = 9;
    private const int SweepRounds = 3;
    private const int Steps = 10;
    private const double MillisecondsPerSecond = 1e3;
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>Measures.</summary>
    /// <param name="rows">Where the figures go.</param>
    /// <param name="isShort">Whether jobs of hundreds of cards are left out.</param>
    public static void Add(PerformanceRows rows, bool isShort)
    {
        foreach (SearchBenchmarks.Problem problem in Enum.GetValues<SearchBenchmarks.Problem>())
        {
            Job job = SearchBenchmarks.Read(problem);
            if (problem is SearchBenchmarks.Problem.DeepSeek36 or SearchBenchmarks.Problem.Qwen36)
            {
                double[] times = Medians(Rounds, Array.ConvertAll(Enum.GetValues<EngineKind>(), kind => Search(job, 1, kind)));
                (double bound, double exhaustive, double scalar) =
                    (times[(int)EngineKind.Bound], times[(int)EngineKind.Exhaustive], times[(int)EngineKind.Scalar]);
                rows.Add(
                    $"a search, {Name(problem)}, one thread: bound to exhaustive",
                    bound / exhaustive,
                    $"{Milliseconds(bound)} to {Milliseconds(exhaustive)} ms; scalar {Milliseconds(scalar)}");
            }
            else if (!isShort)
            {
                double[] times = Medians(Rounds, Search(job, Environment.ProcessorCount, EngineKind.Bound), Search(job, 1, EngineKind.Bound));
                rows.Add($"a search, {Name(problem)}: all threads to one", times[0] / times[1], $"{Milliseconds(times[0])} to {Milliseconds(times[1])} ms");
            }
        }

        Clocks(rows);
    }

    /// <summary>The golden job on H100 by each clock, and 10,000 chips around it, all different.</summary>
    private static void Clocks(PerformanceRows rows)
    {
        ClockKind[] clocks = [ClockKind.Roofline, ClockKind.Fitted, ClockKind.Learned];
        Job[] jobs = Array.ConvertAll(clocks, BenchInputs.H100Job);
        double[] alone = Medians(Rounds, Array.ConvertAll(jobs, job => Search(job, Environment.ProcessorCount, EngineKind.Bound)));
        double[] swept = Medians(SweepRounds, Array.ConvertAll(jobs, job => Sweep(new SweptChips(Steps, 1, job))));
        for (int clock = 1; clock < clocks.Length; clock++)
        {
            string name = $"{clocks[clock]}".ToLowerInvariant();
            rows.Add($"the golden decode job on H100: {name} clock to roofline", alone[clock] / alone[0], $"{Milliseconds(alone[clock])} to {Milliseconds(alone[0])} ms");
            rows.Add(
                $"the same on 10,000 chips, all different: {name} clock to roofline", swept[clock] / swept[0], $"{Microseconds(swept[clock])} to {Microseconds(swept[0])} µs a chip");
        }
    }

    private static Action Search(Job job, int threads, EngineKind kind) => () => JobSolver.Solve(job, EngineSettings.Default with { Kind = kind, Threads = threads });

    private static Action Sweep(SweptChips chips) => () => chips.Solve();

    /// <summary>Medians in seconds of what is run in turn; the first rounds bring the compiler's last tier into place.</summary>
    private static double[] Medians(int rounds, params Action[] all)
    {
        double[][] times = [.. all.Select(_ => new double[rounds])];
        for (int round = -rounds; round < rounds; round++)
        {
            for (int index = 0; index < all.Length; index++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                all[index]();
                times[index][Math.Max(0, round)] = watch.Elapsed.TotalSeconds;
            }
        }

        return [.. times.Select(each => each.Order().ElementAt(rounds / 2))];
    }

    private static string Name(SearchBenchmarks.Problem problem) => problem switch
    {
        SearchBenchmarks.Problem.DeepSeek36 => "DeepSeek-V3 decode on 36 cards",
        SearchBenchmarks.Problem.Qwen36 => "Qwen3-32B on 36 cards, every split",
        SearchBenchmarks.Problem.Llama356 => "Llama 3 70B on 356 cards, every split",
        SearchBenchmarks.Problem.DeepSeek356 => "DeepSeek-V3 on 356 cards, every split",
        _ => "DeepSeek-V3 on 2,048 cards, every split",
    };

    private static string Milliseconds(double seconds) => Digits(seconds * MillisecondsPerSecond);

    private static string Microseconds(double seconds) => Digits(seconds / Math.Pow(Steps, 4) * MicrosecondsPerSecond);
}
