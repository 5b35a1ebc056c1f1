using System.Diagnostics;
using System.Globalization;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Bench;

/// <summary>
/// The short form that CI runs: the kernel at the machine's best width against one lane and against the reference, interleaved in one
/// process, so that neither the machine's speed nor its load decides. Exit code 1 when vectors do not pay.
/// </summary>
internal static class Ratios
{
    private const int Candidates = 1024;
    private const int Rounds = 41;
    private const int RunsPerRound = 20;
    private const double LeastVectorRatio = 1.5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static int Run()
    {
        OperatorTable table = BenchInputs.DecodeStage();
        ChipRates rates = BenchInputs.Rates(BenchInputs.FlatChip);
        StageProgram program = new();
        program.Load(table, rates);
        LaneBlock block = new(Candidates, rates.Chip.Networks.Count);
        // Lanes that may be chips of their own: nothing folds, every operator runs in every lane.
        block.SetChip(rates, 0, Candidates);
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            block.Sequences[candidate] = candidate + 1;
        }

        // Long enough for the compiler's last tier to be in place everywhere.
        Stopwatch warmUp = Stopwatch.StartNew();
        while (warmUp.Elapsed < WarmUp)
        {
            RooflineKernel.Evaluate(program, block, Candidates, LaneWidths.Best);
            RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Scalar);
            Reference(table, rates);
        }

        double[] vector = new double[Rounds];
        double[] scalar = new double[Rounds];
        double[] reference = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            vector[round] = Time(() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidths.Best));
            scalar[round] = Time(() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Scalar));
            reference[round] = Time(() => Reference(table, rates));
        }

        double vectorTime = Median(vector);
        double vectorRatio = Median(scalar) / vectorTime;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kernel at {LaneWidths.Best}: {vectorTime:0.00} ns a candidate; {vectorRatio:0.0} times one lane, {Median(reference) / vectorTime:0} times the reference"));
        if (LaneWidths.Best == LaneWidth.Scalar || vectorRatio >= LeastVectorRatio)
        {
            return 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vectors should be at least {LeastVectorRatio} times one lane"));
        return 1;
    }

    private static void Reference(OperatorTable table, ChipRates rates)
    {
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            StageTime.Of(table, rates, candidate + 1);
        }
    }

    /// <summary>Nanoseconds a candidate.</summary>
    private static double Time(Action run)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (int count = 0; count < RunsPerRound; count++)
        {
            run();
        }

        return watch.Elapsed.TotalNanoseconds / RunsPerRound / Candidates;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
