using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using nietras.SeparatedValues;

namespace FastSim.Cli.Commands;

/// <summary>The front of a sweep: which variants and jobs, the axes, and what is traded.</summary>
internal static class ParetoTable
{
    /// <summary>Its name.</summary>
    public const string Name = "pareto.csv";

    /// <summary>Writes it.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="front">Its rows, with a value of each objective of the file.</param>
    /// <exception cref="Configuration.ConfigurationException">It cannot be written.</exception>
    public static void Write(SweepPlan plan, string folder, IEnumerable<(long Variant, int Job, double[] Values)> front)
    {
        string[] fields = [.. plan.File.Pareto.Select(objective => objective.Field)];
        int[] shown = [.. Enumerable.Range(0, fields.Length).Where(place => !plan.AxisNames.Contains(fields[place]))];
        VariantValues values = new(plan.Space);
        OutputFile.Write(Path.Combine(folder, Name), writer =>
        {
            using SepWriter csv = SweepOutput.Open(["variant", "job", .. plan.AxisNames, .. shown.Select(place => fields[place])], writer);
            foreach ((long variant, int job, double[] own) in front)
            {
                using SepWriter.Row line = csv.NewRow();
                int cell = SweepOutput.WriteKey(plan, values, line, variant, job);
                foreach (int place in shown)
                {
                    // Of equals 0 and -0 stand for one another.
                    line[cell++].Format(Cell.Finite(own[place] == 0 ? 0 : own[place], fields[place]));
                }
            }
        });
    }
}
