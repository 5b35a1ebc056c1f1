using FastSim.Cli.Configuration;
using FastSim.Cli.Surrogates;
using FastSim.Kernels.Chips;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim surrogate judge</c> was asked.</summary>
/// <param name="Model">The ONNX model.</param>
/// <param name="Operators">File or folder of the chip's measured operators.</param>
/// <param name="System">The chip's system file.</param>
/// <param name="CarriedFrom">System file of another chip whose calibrated timings are carried; null for what the chip's own file carries.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether to print JSON.</param>
public sealed record SurrogateJudgeOptions(string Model, string Operators, string System, string? CarriedFrom, bool Quiet, bool Json);

/// <summary><c>fastsim surrogate judge</c>: how far off any model is for a chip's measured operators, beside what else times them.</summary>
public static class SurrogateJudgeCommand
{
    /// <summary>Judges a model.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Run(SurrogateJudgeOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        Findings findings = new(allowUnknownKeys: false);
        IEfficiencyModel model = new EfficiencyModels().Load(options.Model);
        TrainingChip chip = new(NamedFile.System(options.System), [options.Operators], findings);
        OperatorTimings? own = chip.Timings is { CarriedFrom: null } timings ? timings : null;
        OperatorTimings? carried = options.CarriedFrom is { } other
            ? SystemFile.Load(NamedFile.System(other), new Findings(allowUnknownKeys: false)).Timings
                ?? throw new ConfigurationException($"--carried-from: found {other}, a system without operators; expected one with calibrated timings")
            : chip.Timings is { CarriedFrom: not null } stated ? stated : null;
        Yardsticks beside = new(
            kind => own?.Find(kind.Form.Family, kind.Kind),
            kind => carried?.Find(kind.Form.Family, kind.Kind),
            family => SizeTable.Fit([chip], family, withHeldOut: true));
        SurrogateErrors[] errors = [.. SurrogateErrors.Of(JudgedModels.Of(model), chip, heldOutAlone: false, beside)];
        errors =
        [
            .. errors,
            .. SurrogateErrors.OfTimings(kind => model.Timings.GetValueOrDefault((kind.Form.Family, kind.Kind)), chip, beside.Fitted, beside.Carried),
        ];
        if (errors.Length == 0)
        {
            throw new ConfigurationException(
                $"{options.Operators}: found no operators of a family that {options.Model} knows; expected some of {string.Join(", ", Enum.GetValues<OperatorFamily>().Where(family => model.RangeOf(family) is not null))}");
        }

        SurrogateTables.Tell(
            terminal, options.Quiet, options.Json, [("model", options.Model), ("system", chip.Name)], [("operators", errors)], findings.Warnings);
        return ExitCodes.Success;
    }
}
