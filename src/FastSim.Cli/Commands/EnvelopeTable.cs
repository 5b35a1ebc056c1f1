using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Cli.Sweeps;
using FastSim.Search.Fronts;
using nietras.SeparatedValues;

namespace FastSim.Cli.Commands;

/// <summary>The table of the fronts of a sweep's variants, put together.</summary>
internal static class EnvelopeTable
{
    /// <summary>Its name.</summary>
    public const string Name = "envelope.csv";

    /// <summary>Makes sure that axes have other names than the columns of deployments.</summary>
    /// <exception cref="ConfigurationException">One has not.</exception>
    public static void Check(SweepPlan plan)
    {
        if (plan.AxisNames.FirstOrDefault(name => PlanTables.Columns.Contains(name) || PlanTables.ContextColumns.Contains(name)) is { } clash)
        {
            throw new ConfigurationException($"{plan.File.File}: axes: found the name {clash}, which a column of {Name} has; expected another with --front");
        }
    }

    /// <summary>Writes it; removes an earlier one where there is none.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="envelopes">An envelope a job; none where fronts were not asked for.</param>
    /// <returns>The file; null where there is none.</returns>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public static string? Write(SweepPlan plan, string folder, FrontEnvelope[] envelopes)
    {
        string path = Path.Combine(folder, Name);
        if (!Array.Exists(envelopes, envelope => envelope.Points.Any()))
        {
            OutputFile.Remove(path);
            return null;
        }

        OutputFile.Write(path, writer =>
        {
            bool namesContexts = envelopes.Any(envelope => envelope.Points.Any(each => each.Job.SharesContexts));
            using SepWriter csv = SweepOutput.Open(
                ["variant", "job", .. plan.AxisNames, .. PlanTables.Columns, .. namesContexts ? PlanTables.ContextColumns : []], writer);
            for (int job = 0; job < envelopes.Length; job++)
            {
                foreach (EnvelopePoint each in envelopes[job].Points)
                {
                    using SepWriter.Row line = csv.NewRow();
                    SweepOutput.WriteKey(plan, line, each.Variant, job);
                    PlanTables.SetDeployment(line, each.Job, each.Point, namesContexts);
                }
            }
        });
        return path;
    }
}
