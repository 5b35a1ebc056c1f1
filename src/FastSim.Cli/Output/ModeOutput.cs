using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>Writes everything a mode leaves behind: its tables, and the operators of each winner.</summary>
public static class ModeOutput
{
    private const string DetailsFolder = "op_details";

    /// <summary>Writes the files of a mode.</summary>
    /// <param name="run">The mode.</param>
    /// <param name="results">Its results, in the order of its jobs.</param>
    /// <returns>The result table that holds every phase.</returns>
    public static string Write(ModeRun run, IReadOnlyList<JobResult> results)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(results);
        string folder = run.OutputFolder;
        OutputFile.CreateFolder(Path.Combine(folder, DetailsFolder));
        if (run.Mode == ServingMode.Split)
        {
            WriteTable(run, results, "prefill", Phase.Prefill);
            WriteTable(run, results, "decoder", Phase.Decode);
        }

        WriteDetails(Path.Combine(folder, DetailsFolder), results);
        return WriteTable(run, results, "result", Phase.Prefill, Phase.Decode);
    }

    private static string WriteTable(ModeRun run, IReadOnlyList<JobResult> results, string part, params IReadOnlyList<Phase> phases)
    {
        string path = Path.Combine(run.OutputFolder, $"{run.Name}_{part}_best.csv{(run.Compressed ? ".gz" : "")}");
        ResultTable table = ResultTable.Of(results, phases);
        OutputFile.Write(path, writer => ResultCsv.Write(table, run.Form, writer));
        return path;
    }

    /// <summary>
    /// One file a winner. Jobs may share a name without sharing operators (another load, other data types): then the later one's
    /// name ends in its run.
    /// </summary>
    private static void WriteDetails(string folder, IReadOnlyList<JobResult> results)
    {
        Dictionary<string, string> written = new(StringComparer.Ordinal);
        foreach (JobResult result in results)
        {
            foreach (PhaseWinner winner in new[] { result.Prefill, result.Decode }.OfType<PhaseWinner>())
            {
                using StringWriter content = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
                OperatorDetails.Write(winner, result.Job.Types, content);
                string text = content.ToString();
                string name = OperatorDetails.FileName(winner);
                if (written.TryGetValue(name, out string? other) && other != text)
                {
                    name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)}_run{result.Job.Index}.csv");
                }

                if (written.TryAdd(name, text))
                {
                    OutputFile.Write(Path.Combine(folder, name), writer => writer.Write(text));
                }
            }
        }
    }
}
