using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Calibration;

/// <summary>How far whole blocks are off that are put together from timings.</summary>
/// <param name="Name">The measured operator, and how it attends.</param>
/// <param name="Errors">Errors on all rows.</param>
internal readonly record struct ModuleErrors(string Name, FitErrors Errors);

/// <summary>Fits and judges measured blocks, once the operators that they are put together from are known.</summary>
internal static class ModuleCalibration
{
    /// <summary>Fits what is fitted to blocks, and judges all of them.</summary>
    /// <param name="files">Files of measured blocks.</param>
    /// <param name="chip">The chip as measured operators are held against it.</param>
    /// <param name="timings">Its timings, those just fitted among them.</param>
    /// <param name="mostCases">Most cases that the fit of a kind sees.</param>
    /// <param name="threads">Threads; the result does not depend on them.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <exception cref="ConfigurationException">A file cannot be used.</exception>
    public static (IReadOnlyList<OperatorFit> Fits, IReadOnlyList<ModuleErrors> Errors) Fit(
        IReadOnlyList<string> files, CalibrationChip chip, OperatorTimings timings, int mostCases, int threads, Findings findings)
    {
        List<(string File, MeasuredKind Kind)> kinds = [];
        List<(string Name, string Part, string? Fitted, IReadOnlyList<double> Ratios)> judged = [];
        ModuleTimings bound = new(chip, timings);
        foreach (string file in files)
        {
            foreach (MeasuredModules modules in ModuleFiles.Read(file, bound, findings))
            {
                MeasuredKind? kind = modules.ToFit(chip);
                if (kind is not null)
                {
                    kinds.Add((file, kind));
                }

                judged.Add((modules.Name, modules.Kind, kind?.Kind, kind is null ? modules.Ratios() : []));
            }
        }

        IReadOnlyList<OperatorFit> fits = Calibration.Fit(kinds, mostCases, threads, findings);
        return (fits, [.. judged.GroupBy(each => each.Name).SelectMany(group => Of(group.Key, [.. group.Select(each => (each.Part, RatiosOf(each.Fitted, each.Ratios)))]))]);

        IReadOnlyList<double> RatiosOf(string? fitted, IReadOnlyList<double> own) =>
            fitted is null ? own : fits.FirstOrDefault(fit => fit.Kind == fitted)?.Ratios ?? [];
    }

    private static IEnumerable<ModuleErrors> Of(string name, IReadOnlyList<(string Part, IReadOnlyList<double> Ratios)> parts)
    {
        foreach ((string part, IReadOnlyList<double> ratios) in parts)
        {
            yield return new ModuleErrors($"{name} {part}", FitErrors.Of(ratios));
        }

        yield return new ModuleErrors($"{name} total", FitErrors.Of(parts.SelectMany(part => part.Ratios)));
    }
}
