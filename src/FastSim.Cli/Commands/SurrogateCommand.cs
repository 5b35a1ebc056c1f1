using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Surrogates;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Search.Surrogates;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim surrogate</c> was asked.</summary>
/// <param name="Operators">Files or folders of measured operators, one a chip.</param>
/// <param name="Systems">The chips' system files, in the same order.</param>
/// <param name="Output">Where the model goes; null to judge only.</param>
/// <param name="Steps">Steps of training, a family.</param>
/// <param name="Seed">Seed of training.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether to print JSON.</param>
public sealed record SurrogateOptions(
    IReadOnlyList<string> Operators, IReadOnlyList<string> Systems, string? Output, int Steps, int Seed, int Threads, bool Quiet, bool Json);

/// <summary><c>fastsim surrogate</c>: learned efficiencies from measured operators.</summary>
public static class SurrogateCommand
{
    /// <summary>Trains a model on all but the fifth that is held out, and says how far off it is on that.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Train(SurrogateOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        OutputFile.CheckOption("--output", options.Output!);
        Findings findings = new(allowUnknownKeys: false);
        TrainingChip[] chips = Chips(options, findings);
        ProgressLine progress = new(terminal, options.Quiet, "training");
        SortedDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> networks =
            SurrogateTraining.Train(chips, withHeldOut: false, options.Steps, options.Seed, options.Threads, progress.Report);
        progress.End();
        NameDropped(options, chips, networks, findings);
        byte[] content = EfficiencyNetworkFile.Write(
            networks,
            [
                ("fastsim.chips", string.Join(", ", chips.Select(chip => chip.Name))),
                ("fastsim.training", string.Create(CultureInfo.InvariantCulture, $"{options.Steps} steps of 128 rows a family, seed {options.Seed}")),
            ]);
        SurrogateErrors[] errors = [.. chips.SelectMany(chip => SurrogateErrors.Of(networks, chip, heldOutAlone: true, kind => Own(chip, kind), family => SizeTable.Fit([chip], family, withHeldOut: false)))];
        // Errors that are no numbers are refused before a model is written that has them.
        _ = Json(options.Output, [("held-out shapes", errors)], findings.Warnings);
        OutputFile.WriteBytes(options.Output!, stream => stream.Write(content));
        Tell(options, terminal, findings, [("held-out shapes", errors)]);
        if (options is { Quiet: false, Json: false })
        {
            terminal.Print([$"model: {options.Output}"]);
        }

        return ExitCodes.Success;
    }

    /// <summary>Judges training: on held-out shapes, and on each chip by a model that was trained on the others.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Evaluate(SurrogateOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        Findings findings = new(allowUnknownKeys: false);
        TrainingChip[] chips = Chips(options, findings);
        int trainings = chips.Length > 1 ? chips.Length + 1 : 1;
        ProgressLine progress = new(terminal, options.Quiet, "training");
        int done = 0;
        SortedDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> Trained(TrainingChip[] some, bool withHeldOut)
        {
            int before = done;
            var networks = SurrogateTraining.Train(
                some, withHeldOut, options.Steps, options.Seed, options.Threads, share => progress.Report((before + share) / trainings));
            done++;
            return networks;
        }

        var all = Trained(chips, withHeldOut: false);
        NameDropped(options, chips, all, findings);
        List<(string Name, SurrogateErrors[] Errors)> sections =
            [("held-out shapes", [.. chips.SelectMany(chip => SurrogateErrors.Of(all, chip, heldOutAlone: true, kind => Own(chip, kind), family => SizeTable.Fit([chip], family, withHeldOut: false)))])];
        List<SurrogateErrors> unseen = [];
        foreach (TrainingChip chip in chips.Length > 1 ? chips : [])
        {
            TrainingChip[] others = [.. chips.Where(other => other != chip)];
            double[]?[] fits = new double[]?[chip.Kinds.Count];
            Parallel.For(
                0,
                fits.Length,
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
                index => fits[index] = PooledCalibration.Fit(others, chip.Kinds[index], Calibration.Calibration.EnoughCases / 2));
            Dictionary<MeasuredKind, double[]?> carried = chip.Kinds.Zip(fits).ToDictionary();
            unseen.AddRange(SurrogateErrors.Of(Trained(others, withHeldOut: true), chip, heldOutAlone: false, kind => carried[kind], family => SizeTable.Fit(others, family, withHeldOut: true)));
        }

        progress.End();
        if (unseen.Count > 0)
        {
            sections.Add(("held-out chips: trained, and calibrated, on the others", [.. unseen]));
        }

        Tell(options, terminal, findings, sections);
        return ExitCodes.Success;
    }

    /// <summary>Says which families have too few operators to learn from.</summary>
    /// <exception cref="ConfigurationException">All have.</exception>
    private static void NameDropped(
        SurrogateOptions options, IReadOnlyList<TrainingChip> chips, SortedDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> trained, Findings findings)
    {
        foreach (OperatorFamily family in Enum.GetValues<OperatorFamily>())
        {
            int measured = TrainingChip.Measured(chips, family, withHeldOut: false);
            if (measured > 0 && !trained.ContainsKey(family))
            {
                findings.Warn(string.Create(
                    CultureInfo.InvariantCulture, $"{family}: found {measured} operators to learn from; expected {SurrogateTraining.LeastRows}: not learned"));
            }
        }

        if (trained.Count == 0)
        {
            throw new ConfigurationException(
                $"{string.Join(", ", options.Operators)}: found no family with {SurrogateTraining.LeastRows} operators to learn from; expected one{string.Concat(findings.Warnings.Select(warning => $"; {warning}"))}");
        }
    }

    private static double[]? Own(TrainingChip chip, MeasuredKind kind) => chip.Timings?.Find(kind.Form.Family, kind.Kind);

    private static TrainingChip[] Chips(SurrogateOptions options, Findings findings)
    {
        if (options.Operators.Count != options.Systems.Count)
        {
            throw new ConfigurationException(
                $"--systems: found {options.Systems.Count}; expected as many as --ops, {options.Operators.Count}: the operators of each chip, in order");
        }

        TrainingChip[] chips = new TrainingChip[options.Operators.Count];
        for (int index = 0; index < chips.Length; index++)
        {
            chips[index] = new TrainingChip(NamedFile.System(options.Systems[index]), [options.Operators[index]], findings);
        }

        return chips.GroupBy(chip => chip.Name).FirstOrDefault(chip => chip.Count() > 1) is { } twice
            ? throw new ConfigurationException($"--systems: found {twice.Key} twice; expected each chip once, its operators in one folder")
            : chips;
    }

    private static void Tell(
        SurrogateOptions options, Terminal terminal, Findings findings, IReadOnlyList<(string Name, SurrogateErrors[] Errors)> sections)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(Json(options.Output, sections, findings.Warnings));
            return;
        }

        if (options.Quiet)
        {
            return;
        }

        terminal.Warn(findings.Warnings);
        foreach ((string name, SurrogateErrors[] errors) in sections)
        {
            TextTable table = new(
            [
                new("error, %"), new("rows", true), new("network", true), new("mean", true), new("timings", true), new("rows", true), new("table", true),
                new("flat", true),
            ]);
            foreach (SurrogateErrors each in errors)
            {
                table.Add(
                    each.Group,
                    each.Network.Count.ToString(CultureInfo.InvariantCulture),
                    ShareText.Tenths(each.Network.Median),
                    ShareText.Tenths(each.Network.Mean),
                    ShareText.Tenths(each.Calibrated.Median),
                    each.Calibrated.Count.ToString(CultureInfo.InvariantCulture),
                    ShareText.Tenths(each.Table.Median),
                    ShareText.Tenths(each.Flat.Median));
            }

            terminal.Output.WriteLine(name);
            terminal.Print(table);
        }
    }

    private static string Json(string? model, IReadOnlyList<(string Name, SurrogateErrors[] Errors)> sections, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        if (model is not null)
        {
            json.WriteString("model", model);
        }

        foreach ((string name, SurrogateErrors[] errors) in sections)
        {
            json.WriteObjects(name, errors, each =>
            {
                json.WriteString("group", each.Group.Trim());
                json.WriteNumber("rows", each.Network.Count);
                json.WriteNumber("medianError", each.Network.Median);
                json.WriteNumber("meanError", each.Network.Mean);
                Write(json, "calibratedRows", "calibratedMedianError", each.Calibrated);
                Write(json, "tableRows", "tableMedianError", each.Table);
                json.WriteNumber("flatMedianError", each.Flat.Median);
            });
        }

        json.WriteTexts("warnings", warnings);
    });

    private static void Write(Utf8JsonWriter json, string count, string median, FitErrors errors)
    {
        json.WriteNumber(count, errors.Count);
        if (errors.Count > 0)
        {
            json.WriteNumber(median, errors.Median);
        }
    }
}
