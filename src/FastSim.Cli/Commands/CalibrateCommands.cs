using System.CommandLine;
using FastSim.Cli.Calibration;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>The command-line form of <see cref="CalibrateCommand"/>.</summary>
internal static class CalibrateCommands
{
    private const int LeastSample = 100;

    /// <summary><c>fastsim calibrate</c>.</summary>
    public static Command Calibrate(Terminal terminal)
    {
        Option<string[]> operators = new("--ops")
        {
            Description = $"Measured operators of the chip: folders of, or files among, {string.Join(", ", OperatorFiles.Names)}.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "parquet or folder",
        };
        Option<string> system = new("--system", "-s")
        {
            Description = "The chip's system file.",
            Required = true,
            HelpName = "system.json",
        };
        Option<string> output = new("--output", "-o")
        {
            Description = "Where the calibrated system goes; may be the same file. Its comments (//, #) are lost, keys that start with _ stay.",
            Required = true,
            HelpName = "system.json",
        };
        Option<int?> computeUnits = new("--compute-units")
        {
            Description = "Streaming multiprocessors, or cores; required where the system file lacks operators.compute_units.",
            HelpName = "n",
        };
        computeUnits.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int count) || count < 1))
            {
                result.AddError($"--compute-units: found {token.Value}; expected an integer of at least 1.");
            }
        });
        Option<int> sample = new("--sample")
        {
            Description = $"Most rows that the fit of a kind sees; {Calibration.Calibration.EnoughCases} without it. Errors are of all rows.",
            HelpName = "n",
            DefaultValueFactory = _ => Calibration.Calibration.EnoughCases,
        };
        sample.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int count) || count < LeastSample))
            {
                result.AddError($"--sample: found {token.Value}; expected an integer of at least {LeastSample}.");
            }
        });
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<int?> threads = CommonOptions.Threads();
        Command calibrate = new("calibrate", "Fit a system's timings of operators to measured ones, and say how far off they are.")
        {
            operators, system, output, computeUnits, sample, json, quiet, threads,
        };
        calibrate.SetAction(parsed => CalibrateCommand.Run(
            new CalibrateOptions(
                parsed.GetRequiredValue(operators),
                parsed.GetRequiredValue(system),
                parsed.GetRequiredValue(output),
                parsed.GetValue(computeUnits),
                parsed.GetValue(sample),
                parsed.GetValue(threads) ?? EngineSettings.Default.Workers,
                parsed.GetValue(quiet),
                parsed.GetValue(json)),
            terminal));
        return calibrate;
    }
}
