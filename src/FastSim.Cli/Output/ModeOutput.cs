using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>Writes everything the modes of a run leave behind: their tables, and the operators of each winner.</summary>
public sealed class ModeOutput
{
    private const string CompressedEnding = ".gz";

    private readonly Dictionary<string, UInt128> details = new(StringComparer.Ordinal);

    /// <summary>Creates the folders of a mode, so that a place that cannot be written is known before the search.</summary>
    /// <exception cref="ConfigurationException">A folder cannot be created, or a table would take the place of an input.</exception>
    public static void Prepare(ModeRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        OutputFile.CreateFolder(run.OutputFolder);
        OutputFile.CreateFolder(DetailsFolder.Of(run.OutputFolder));
        foreach ((string part, _) in Parts(run))
        {
            OutputFile.Check(PathOf(run, part, isCompressed: false));
            OutputFile.Check(PathOf(run, part, isCompressed: true));
        }
    }

    /// <summary>The result table of a mode that holds every phase.</summary>
    public static string ResultPath(ModeRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return PathOf(run, "result", run.Compressed);
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

    /// <summary>Begins the tables of a mode.</summary>
    public ModeTables Begin(ModeRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new ModeTables(this, run);
    }

    private static (string Part, Phase[] Phases)[] Parts(ModeRun run) => run.Mode == ServingMode.Split
        ? [("result", [Phase.Prefill, Phase.Decode]), ("prefill", [Phase.Prefill]), ("decoder", [Phase.Decode])]
        : [("result", [Phase.Prefill, Phase.Decode])];

    private static string PathOf(ModeRun run, string part, bool isCompressed) =>
        Path.Combine(run.OutputFolder, $"{run.Name}_{part}_best.csv{(isCompressed ? CompressedEnding : "")}");

    /// <summary>The files of a mode as its jobs are answered: operators at once, tables when all are.</summary>
    public sealed class ModeTables
    {
        private readonly ModeOutput output;
        private readonly ModeRun run;
        private readonly TableShape shape;
        private readonly (string Part, Phase[] Phases, GrowingTable Table)[] tables;

        internal ModeTables(ModeOutput output, ModeRun run)
        {
            this.output = output;
            this.run = run;
            shape = TableShape.Of(run.Jobs);
            tables = [.. Parts(run).Select(part => (part.Part, part.Phases, new GrowingTable()))];
        }

        /// <summary>Takes the next results.</summary>
        /// <param name="results">Results, in the order of the mode's jobs.</param>
        /// <exception cref="ConfigurationException">A file cannot be written, or a result is no number.</exception>
        public void Add(IReadOnlyList<JobResult> results)
        {
            foreach ((_, Phase[] phases, GrowingTable table) in tables)
            {
                table.Add(ResultTable.Of(results, shape, phases));
            }

            output.WriteDetails(DetailsFolder.Of(run.OutputFolder), results);
        }

        /// <summary>Writes the tables; one of the same name that an earlier run left in the other form, plain or gzipped, goes.</summary>
        /// <exception cref="ConfigurationException">A file cannot be written; those before it are whole.</exception>
        public void Finish()
        {
            foreach ((string part, _, GrowingTable table) in tables)
            {
                OutputFile.Write(
                    PathOf(run, part, run.Compressed), writer => ResultCsv.Write(table.Rows, table.Columns, run.Form, writer));
                OutputFile.Remove(PathOf(run, part, !run.Compressed));
            }
        }
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
                UInt128 mark = MarkOf(text);
                string path = names.First(name => !details.TryGetValue(Path.GetFullPath(name), out UInt128 other) || other == mark);
                if (details.TryAdd(Path.GetFullPath(path), mark))
                {
                    OutputFile.Write(path, writer => writer.Write(text));
                }
            }
        }
    }

    /// <summary>What stands for a text among many: equal for equal texts alone, as far as SHA-256 can tell.</summary>
    private static UInt128 MarkOf(string text) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
