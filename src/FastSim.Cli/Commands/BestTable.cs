using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Models;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Commands;

/// <summary>The best of a sweep in the seed's wide form, each as a run of its own explains it, and which variant it is.</summary>
internal static class BestTable
{
    /// <summary>Its name.</summary>
    public const string Name = "best.csv";

    /// <summary>Writes it; removes an earlier one where there is none.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="best">The best.</param>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public static void Write(SweepPlan plan, string folder, BestRow[] best)
    {
        string path = Path.Combine(folder, Name);
        if (best.Length == 0)
        {
            OutputFile.Remove(path);
            return;
        }

        JobResult[] results = Array.ConvertAll(best, row =>
        {
            Job job = plan.Inputs.Variant(row.Variant).SelectMany(run => run.Jobs).ElementAt(row.Job);
            return JobSolver.Solve(job, EngineSettings.Default);
        });
        ResultTable explained = ResultTable.Of(results, Phase.Prefill, Phase.Decode);
        List<ResultRow> extra = [Row("sweep_variant", best, row => row.Variant.ToString(CultureInfo.InvariantCulture))];
        if (plan.First.Jobs.Length > 1)
        {
            extra.Add(Row("sweep_job", best, row => Cell.Of(row.Job)));
        }

        VariantValues values = new(plan.Space);
        for (int place = 0; place < plan.AxisNames.Count; place++)
        {
            int which = place;
            extra.Add(Row($"sweep_{plan.AxisNames[place]}", best, row =>
            {
                values.Load(row.Variant);
                return Cell.OrEmpty(values.At(which), plan.AxisNames[which]);
            }));
        }

        if (plan.File.Cost is not null)
        {
            extra.Add(Row("sweep_cost", best, row => Cell.OrEmpty(row.Cost!.Value, "cost")));
        }

        if (plan.File.Score is not null)
        {
            extra.Add(Row("sweep_score", best, row => Cell.OrEmpty(row.Score!.Value, "score")));
        }

        if (plan.File.Mix is not null)
        {
            extra.Add(Row("sweep_suite", best, row => Cell.OrEmpty(row.Suite!.Value, SuiteScore.Column)));
        }

        OutputFile.Write(path, writer => ResultCsv.Write(explained.With(extra), OutputForm.Wide, writer));
    }

    private static ResultRow Row(string field, BestRow[] best, Func<BestRow, string> value) => new("sweep", field, Array.ConvertAll(best, row => value(row)));
}
