using System.Globalization;
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
    private const string OfChips = "held-out chips: trained, and calibrated, on the others";

    /// <summary>
    /// Trains a model on all but the fifth of the shapes that is held out, and on all chips but one for each, whose errors say how wide its intervals are; and says how far off
    /// both are on what they did not see.
    /// </summary>
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
        (LearnedModel model, HeldOutChips unseen, _) = Learn(options, chips, isNested: false, terminal, findings);
        byte[] content = TimeNetworkFile.Write(
            model.Ensembles,
            model.Forms,
            StatedTimings.Of(model, unseen),
            [
                ("fastsim.chips", string.Join(", ", chips.Select(chip => chip.Name))),
                ("fastsim.training", string.Create(
                    CultureInfo.InvariantCulture, $"{TimeEnsemble.Size} networks of {options.Steps} steps of 128 rows a family, seed {options.Seed}")),
            ]);
        List<(string Name, SurrogateErrors[] Errors)> sections = Sections(chips, model, unseen, null);
        // Errors that are no numbers are refused before a model is written that has them.
        _ = SurrogateTables.Json([("model", options.Output!)], sections, findings.Warnings);
        OutputFile.WriteBytes(options.Output!, stream => stream.Write(content));
        Tell(options, terminal, findings, sections);
        if (options is { Quiet: false, Json: false })
        {
            terminal.Print([$"model: {options.Output}"]);
        }

        return ExitCodes.Success;
    }

    /// <summary>Judges training, and writes no model.</summary>
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
        (LearnedModel model, HeldOutChips unseen, Dictionary<TrainingChip, HeldOutChips> nested) = Learn(options, chips, isNested: true, terminal, findings);
        List<(string Name, SurrogateErrors[] Errors)> sections = Sections(chips, model, unseen, nested);
        SurrogateErrors[] ofChips = [.. sections.Where(section => section.Name == OfChips).SelectMany(section => section.Errors)];
        Tell(
            options,
            terminal,
            findings,
            sections,
            IntervalShares.Of(chips.Select(chip => chip.Name), ofChips));
        return ExitCodes.Success;
    }

    /// <summary>
    /// Trains on all chips, on all but one for each, and, where intervals are judged, on all but two for each two: the interval of a chip held out must be said by models that
    /// have not seen it.
    /// </summary>
    private static (LearnedModel Model, HeldOutChips Unseen, Dictionary<TrainingChip, HeldOutChips> Nested) Learn(
        SurrogateOptions options, TrainingChip[] chips, bool isNested, Terminal terminal, Findings findings)
    {
        bool areNested = isNested && chips.Length > 2;
        int trainings = chips.Length > 1 ? chips.Length + 1 : 1;
        trainings += areNested ? chips.Length * (chips.Length - 1) / 2 : 0;
        ProgressLine progress = new(terminal, options.Quiet, "training");
        int done = 0;
        LearnedModel Trained(TrainingChip[] some, bool withHeldOut)
        {
            int before = done++;
            return SurrogateTraining.Train(
                some, withHeldOut, options.Steps, options.Seed, options.Threads, share => progress.Report((before + share) / trainings));
        }

        LearnedModel model = Trained(chips, withHeldOut: false);
        NameDropped(options, chips, model, findings);
        HeldOutChips unseen = new(chips, model);
        foreach (TrainingChip chip in chips)
        {
            TrainingChip[] others = [.. chips.Where(other => other != chip)];

            // With one chip alone no other says how far off chips are that nobody measured: shapes that were held out stand for them.
            unseen.Add(
                chip,
                chips.Length > 1 ? Trained(others, withHeldOut: true) : model,
                others,
                heldOutAlone: chips.Length == 1);
        }

        Dictionary<TrainingChip, HeldOutChips> nested = areNested ? chips.ToDictionary(chip => chip, chip => new HeldOutChips(chips.Where(other => other != chip), model)) : [];
        for (int one = 0; one < chips.Length && areNested; one++)
        {
            for (int other = one + 1; other < chips.Length; other++)
            {
                (TrainingChip first, TrainingChip second) = (chips[one], chips[other]);
                TrainingChip[] rest = [.. chips.Where(chip => chip != first && chip != second)];
                LearnedModel ofRest = Trained(rest, withHeldOut: true);
                nested[first].Add(second, ofRest, rest, heldOutAlone: false);
                nested[second].Add(first, ofRest, rest, heldOutAlone: false);
            }
        }

        progress.End();
        return (unseen.WithIntervals(model, chips), unseen, nested);
    }

    private static List<(string Name, SurrogateErrors[] Errors)> Sections(
        TrainingChip[] chips, LearnedModel model, HeldOutChips unseen, Dictionary<TrainingChip, HeldOutChips>? nested)
    {
        List<(string Name, SurrogateErrors[] Errors)> sections = [("held-out shapes", [.. chips.SelectMany(chip => HeldOutShapes(model, chip))])];
        List<SurrogateErrors> errors = [];
        foreach ((TrainingChip chip, LearnedModel ofOthers) in chips.Length > 1 ? unseen.Chips : [])
        {
            TrainingChip[] others = [.. chips.Where(other => other != chip)];
            errors.AddRange(SurrogateErrors.Of(
                nested?.GetValueOrDefault(chip) is { } whoSay ? JudgedModels.Of(whoSay.WithIntervals(ofOthers, others)) : JudgedModels.WithoutIntervals(ofOthers),
                chip,
                heldOutAlone: false,
                new Yardsticks(
                    _ => null,
                    kind => ofOthers.Fits.Value.GetValueOrDefault((kind.Form.Family, kind.Kind)),
                    family => SizeTable.Fit(others, family, withHeldOut: true))));
        }

        if (errors.Count > 0)
        {
            sections.Add((OfChips, [.. errors]));
            SurrogateErrors[] beside =
            [
                .. unseen.Chips.SelectMany(each => SurrogateErrors.OfTimings(
                    kind => each.Model.Timings.Value.GetValueOrDefault((kind.Form.Family, kind.Kind)), each.Chip, kind => Own(each.Chip, kind), _ => null)),
            ];
            if (beside.Length > 0)
            {
                sections.Add(("held-out chips: timing forms of launches of no family, fitted to the others", beside));
            }
        }

        return sections;
    }

    private static IEnumerable<SurrogateErrors> HeldOutShapes(LearnedModel model, TrainingChip chip) => SurrogateErrors.Of(
        JudgedModels.Of(model),
        chip,
        heldOutAlone: true,
        new Yardsticks(kind => Own(chip, kind), _ => null, family => SizeTable.Fit([chip], family, withHeldOut: false)));

    /// <summary>Says which families have too few operators to learn from.</summary>
    /// <exception cref="ConfigurationException">All have.</exception>
    private static void NameDropped(
        SurrogateOptions options, IReadOnlyList<TrainingChip> chips, LearnedModel trained, Findings findings)
    {
        foreach (OperatorFamily family in Enum.GetValues<OperatorFamily>())
        {
            int measured = TrainingChip.Measured(chips, family, withHeldOut: false);
            if (measured > 0 && !trained.Ensembles.ContainsKey(family))
            {
                findings.Warn(string.Create(
                    CultureInfo.InvariantCulture, $"{family}: found {measured} operators to learn from; expected {SurrogateTraining.LeastRows}: not learned"));
            }
        }

        if (trained.Ensembles.Count == 0)
        {
            throw new ConfigurationException(
                $"{string.Join(", ", options.Operators)}: found no family with {SurrogateTraining.LeastRows} operators to learn from; expected one{string.Concat(findings.Warnings.Select(warning => $"; {warning}"))}");
        }
    }

    /// <summary>A chip's own parameters of a kind; none where its timings are another chip's.</summary>
    private static double[]? Own(TrainingChip chip, MeasuredKind kind) =>
        chip.Timings is { CarriedFrom: null } timings ? timings.Find(kind.Form.Family, kind.Kind) : null;

    private static TrainingChip[] Chips(SurrogateOptions options, Findings findings)
    {
        if (options.Operators.Count != options.Systems.Count)
        {
            throw new ConfigurationException(
                $"--systems: found {options.Systems.Count}; expected as many as --ops, {options.Operators.Count}: the operators of each chip, in order");
        }

        TrainingChip[] chips =
        [
            .. options.Systems.Select(NamedFile.System)
                .Zip(options.Operators)
                .GroupBy(pair => pair.First)
                .Select(chip => new TrainingChip(chip.Key, [.. chip.Select(pair => pair.Second)], findings)),
        ];
        return chips.GroupBy(chip => chip.Name).FirstOrDefault(chip => chip.Count() > 1) is { } twice
            ? throw new ConfigurationException($"--systems: found {twice.Key} in several files; expected one, named once for each of its folders of operators")
            : chips;
    }

    private static void Tell(
        SurrogateOptions options,
        Terminal terminal,
        Findings findings,
        IReadOnlyList<(string Name, SurrogateErrors[] Errors)> sections,
        IReadOnlyList<IntervalShares>? shares = null)
    {
        (string, string)[] named = options.Output is { } model ? [("model", model)] : [];
        SurrogateTables.Tell(terminal, options.Quiet, options.Json, named, sections, findings.Warnings, shares);
    }
}
