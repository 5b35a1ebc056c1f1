using FastSim.Cli.Calibration;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim calibrate</c> was asked.</summary>
/// <param name="Operators">Files and folders of measured operators.</param>
/// <param name="System">The system's file.</param>
/// <param name="Output">Where the calibrated system goes.</param>
/// <param name="ComputeUnits">Compute units; null for those of the file.</param>
/// <param name="MostCases">Most measured cases that the fit of a kind sees.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether to print JSON.</param>
public sealed record CalibrateOptions(
    IReadOnlyList<string> Operators, string System, string Output, int? ComputeUnits, int MostCases, int Threads, bool Quiet, bool Json);

/// <summary><c>fastsim calibrate</c>: measured operators in, a system with fitted timings out.</summary>
public static class CalibrateCommand
{
    /// <summary>Calibrates.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Run(CalibrateOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        Findings findings = new(allowUnknownKeys: false);
        string system = NamedFile.System(options.System);

        // What other commands do not use of the file is no concern of this one.
        Chip loaded = SystemFile.Load(system, new Findings(allowUnknownKeys: false));
        CalibrationChip chip = CalibrationChip.Of(system, loaded, options.ComputeUnits);
        int units = (int)chip.Scale.ComputeUnits;
        OutputFile.CheckOption("--output", options.Output, inPlaceOf: system);
        IReadOnlyList<string> files = OperatorFiles.Find(options.Operators, findings);
        IReadOnlyList<OperatorFit> fits = Calibration.Calibration.Fit(files, chip, options.MostCases, options.Threads, findings);
        string[] blocks = [.. files.Where(ModuleFiles.Knows)];
        IReadOnlyList<ModuleErrors> modules = [];
        if (blocks.Length > 0)
        {
            OperatorTimings fitted = CalibratedSystem.Timings(loaded.Timings, units, fits);
            (IReadOnlyList<OperatorFit> further, modules) =
                ModuleCalibration.Fit(blocks, chip, fitted, options.MostCases, options.Threads, findings);
            fits = Calibration.Calibration.InOrder(fits.Concat(further));
        }

        if (fits.Count == 0)
        {
            throw new ConfigurationException($"{string.Join(", ", files)}: found no kind of operator with enough rows; expected one");
        }

        CalibrationReport.RequireFinite(fits);
        IReadOnlyList<(string Family, string Kind)> kept =
            CalibratedSystem.Write(system, options.Output, loaded.Timings, units, fits);
        if (kept.Count > 0)
        {
            string source = loaded.Timings?.CarriedFrom is { } other ? $", carried from {other}" : "";
            findings.Warn($"not measured, so as they were{source}: {string.Join(", ", kept.Select(kind => $"{kind.Family} {kind.Kind}"))}");
        }

        if (options.Json)
        {
            terminal.Output.WriteLine(CalibrationReport.Json(fits, modules, options.Output, findings.Warnings));
        }
        else if (!options.Quiet)
        {
            terminal.Warn(findings.Warnings);
            terminal.Print(TextLines.Of(CalibrationReport.Title, TextLines.Width));
            terminal.Print(CalibrationReport.Table(fits));
            if (modules.Count > 0)
            {
                terminal.Print(TextLines.Of(CalibrationReport.ModuleTitle, TextLines.Width));
                terminal.Print(CalibrationReport.Table(modules));
            }

            terminal.Print([$"system: {options.Output}"]);
        }

        return ExitCodes.Success;
    }
}
