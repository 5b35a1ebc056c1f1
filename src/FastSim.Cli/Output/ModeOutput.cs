using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>Writes everything the modes of a run leave behind: their tables, and the operators of each winner.</summary>
public sealed class ModeOutput
{
    private const string CompressedEnding = ".gz";

    private readonly Dictionary<string, string> details = new(StringComparer.Ordinal);

    /// <summary>Creates the folders of a mode, so that a place that cannot be written is known before the search.</summary>
    /// <exception cref="ConfigurationException">A folder cannot be created.</exception>
    public static void Prepare(ModeRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        OutputFile.CreateFolder(run.OutputFolder);
        OutputFile.CreateFolder(DetailsFolder.Of(run.OutputFolder));
    }

    /// <summary>Writes the files of a mode.</summary>
    /// <param name="run">The mode.</param>
    /// <param name="results">Its results, in the order of its jobs.</param>
    /// <returns>The result table that holds every phase.</returns>
    /// <exception cref="ConfigurationException">A file cannot be written; those before it are whole.</exception>
    public string Write(ModeRun run, IReadOnlyList<JobResult> results)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(results);
        string table = WriteTable(run, results, "result", Phase.Prefill, Phase.Decode);
        if (run.Mode == ServingMode.Split)
        {
            WriteTable(run, results, "prefill", Phase.Prefill);
            WriteTable(run, results, "decoder", Phase.Decode);
        }

        WriteDetails(DetailsFolder.Of(run.OutputFolder), results);
        return table;
    }

    /// <summary>Removes the operators of winners that earlier runs left in the same places, when all modes are written.</summary>
    /// <param name="runs">The modes.</param>
    /// <exception cref="ConfigurationException">A file cannot be removed.</exception>
    public void RemoveEarlier(IReadOnlyList<ModeRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        foreach (IGrouping<string, ModeRun> folder in runs.GroupBy(run => Path.GetFullPath(run.OutputFolder), StringComparer.Ordinal))
        {
            DetailsFolder.RemoveEarlier(folder.Key, [.. folder.Select(run => run.Name)], details.Keys);
        }
    }

    /// <summary>Writes a table; one of the same name that an earlier run left in the other form, plain or gzipped, goes.</summary>
    private static string WriteTable(ModeRun run, IReadOnlyList<JobResult> results, string part, params IReadOnlyList<Phase> phases)
    {
        string plain = Path.Combine(run.OutputFolder, $"{run.Name}_{part}_best.csv");
        string path = run.Compressed ? plain + CompressedEnding : plain;
        ResultTable table = ResultTable.Of(results, phases);
        OutputFile.Write(path, writer => ResultCsv.Write(table, run.Form, writer));
        OutputFile.Remove(run.Compressed ? plain : plain + CompressedEnding);
        return path;
    }

    /// <summary>
    /// One file a winner. Jobs, of one mode or of two, may share a name without sharing operators (another load, other data types): then
    /// the later one's name ends in its run, and if need be its mode.
    /// </summary>
    private void WriteDetails(string folder, IReadOnlyList<JobResult> results)
    {
        foreach (JobResult result in results)
        {
            foreach (PhaseWinner winner in new[] { result.Prefill, result.Decode }.OfType<PhaseWinner>())
            {
                using StringWriter content = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
                OperatorDetails.Write(winner, result.Job.Types, content);
                string text = content.ToString();
                string stem = Path.Combine(folder, OperatorDetails.FileStem(winner));
                string run = string.Create(CultureInfo.InvariantCulture, $"{stem}_run{result.Job.Index}");
                string[] names = [$"{stem}.csv", $"{run}.csv", $"{run}_{RuntimeFile.NameOf(result.Job.Mode)}.csv"];
                string path = names.First(name => !details.TryGetValue(Path.GetFullPath(name), out string? other) || other == text);
                if (details.TryAdd(Path.GetFullPath(path), text))
                {
                    OutputFile.Write(path, writer => writer.Write(text));
                }
            }
        }
    }
}
