using System.Text.RegularExpressions;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Output;

/// <summary>The <c>op_details</c> of a folder of results.</summary>
internal static partial class DetailsFolder
{
    private const string Name = "op_details";

    /// <summary>The folder's path.</summary>
    /// <param name="outputFolder">Folder of the results.</param>
    public static string Of(string outputFolder) => Path.Combine(outputFolder, Name);

    /// <summary>
    /// Removes what earlier runs left: files that have the name and the header of operator details and are not of this run. Where a table of a
    /// mode that did not run stands beside, nothing is removed, for its details cannot be told apart.
    /// </summary>
    /// <param name="outputFolder">Folder of the results.</param>
    /// <param name="modes">Names of the modes that ran into it.</param>
    /// <param name="written">Full paths of what they wrote.</param>
    /// <exception cref="ConfigurationException">A file cannot be removed.</exception>
    public static void RemoveEarlier(string outputFolder, IReadOnlyCollection<string> modes, IReadOnlyCollection<string> written)
    {
        bool hasOthers = RuntimeFile.ModeNames.Except(modes).Any(
            mode => Directory.EnumerateFiles(outputFolder, $"{mode}_result_best.csv*").Any());
        if (hasOthers)
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(Of(outputFolder), "*.csv").ToArray())
        {
            if (!written.Contains(Path.GetFullPath(file)) && Stem().IsMatch(Path.GetFileName(file)) && HasHeader(file))
            {
                OutputFile.Remove(file);
            }
        }
    }

    private static bool HasHeader(string file)
    {
        if (FileIdentity.Of(file).Kind != FileKind.Regular)
        {
            return false;
        }

        try
        {
            using StreamReader reader = new(file);
            Span<char> start = stackalloc char[OperatorDetails.HeaderStart.Length];
            return reader.ReadBlock(start) == start.Length && start.SequenceEqual(OperatorDetails.HeaderStart);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What <see cref="OperatorDetails.FileStem"/> and <see cref="ModeOutput"/> call a file.</summary>
    [GeneratedRegex(@"^(prefill|decoder)_.+_seq\d+_tp\d+_pp\d+_ep\d+_moetp\d+_mbs[0-9.E+-]+(_run\d+(_pd-[a-z-]+)?)?\.csv$", RegexOptions.CultureInvariant)]
    private static partial Regex Stem();
}
