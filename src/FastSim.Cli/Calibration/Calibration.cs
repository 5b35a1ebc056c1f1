using System.Collections.Concurrent;
using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Fits a chip's operators to measurements.</summary>
internal static class Calibration
{
    /// <summary>Cases a parameter that a fit wants at least.</summary>
    private const int LeastCasesPerParameter = 2;

    /// <summary>Cases that are enough for a fit.</summary>
    public const int EnoughCases = 2500;

    /// <summary>Fits every kind.</summary>
    /// <param name="files">Files of measured operators.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="mostCases">Most cases that the fit of a kind sees.</param>
    /// <param name="threads">Threads; the result does not depend on them.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <returns>Fits in the order of families and kinds.</returns>
    /// <exception cref="ConfigurationException">A file cannot be used.</exception>
    public static IReadOnlyList<OperatorFit> Fit(
        IReadOnlyList<string> files, CalibrationChip chip, int mostCases, int threads, Findings findings)
    {
        return Fit(files.SelectMany(file => OperatorFiles.Read(file, chip, findings).Select(kind => (file, kind))), mostCases, threads, findings);
    }

    /// <summary>Fits kinds.</summary>
    /// <param name="kinds">The kinds, with the file that each is from.</param>
    /// <param name="mostCases">Most cases that the fit of a kind sees.</param>
    /// <param name="threads">Threads; the result does not depend on them.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <returns>Fits in the order of families and kinds.</returns>
    public static IReadOnlyList<OperatorFit> Fit(
        IEnumerable<(string File, MeasuredKind Kind)> kinds, int mostCases, int threads, Findings findings)
    {
        List<OperatorFitting> fittings = [];
        foreach ((string file, MeasuredKind kind) in kinds)
        {
            int least = LeastCasesPerParameter * kind.Form.Parameters.Count;
            if (kind.Measured.Count < least)
            {
                findings.Warn(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file}: {kind.Form.Family} {kind.Kind}: {kind.Measured.Count} rows left out, a fit takes {least}"));
                continue;
            }

            fittings.Add(new OperatorFitting(kind, mostCases));
        }

        // Work is handed out one fit at a time: kinds take from a second to many.
        (OperatorFitting Fitting, int Start)[] work =
            [.. fittings.SelectMany(fitting => Enumerable.Range(0, fitting.Starts).Select(start => (fitting, start)))];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        Parallel.ForEach(
            Partitioner.Create(work, EnumerablePartitionerOptions.NoBuffering), options, item => item.Fitting.FitFrom(item.Start));
        OperatorFit[] fits = new OperatorFit[fittings.Count];
        Parallel.For(0, fits.Length, options, index => fits[index] = fittings[index].Best());
        return InOrder(fits);
    }

    /// <summary>Fits in the order of families and kinds.</summary>
    public static IReadOnlyList<OperatorFit> InOrder(IEnumerable<OperatorFit> fits)
    {
        string[] order = [.. TimingForms.All.Keys];
        return [.. fits.OrderBy(fit => Array.IndexOf(order, fit.Family)).ThenBy(fit => fit.Kind, StringComparer.Ordinal)];
    }
}
