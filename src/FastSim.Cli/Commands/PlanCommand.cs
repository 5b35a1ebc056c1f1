using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.DeploymentReports;
using FastSim.Cli.Launching;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim plan</c>: a model, a chip, cards and a load; the best deployment on one screen.</summary>
internal static class PlanCommand
{
    private const string RuntimeName = "the runtime of plan";
    private const string Front = "front.csv";
    private const string Batches = "batches.csv";
    private const string Ranking = "ranking.csv";
    private const string Runtime = "runtime.json";
    private const string Report = "report.html";

    private static readonly OptionWords Options = new(RuntimeName);

    /// <summary>Runs.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used, or a result cannot be written.</exception>
    public static int Run(PlanOptions options, Terminal terminal)
    {
        Findings findings = new(options.AllowUnknownKeys);
        PlanRequest request = options.Request with { Model = NamedFile.Model(options.Request.Model, "a model file, a config.json or its folder") };
        TransformerModel model = ModelFile.Load(request.Model, findings);
        ServingEngine engine = Engine(request.Engine, findings);
        if (ServedArchitectures.Refusal(engine.Name, model) is { } unserved)
        {
            findings.Warn($"--engine: {engine.Name} may not run the plan: {unserved}");
        }

        if (request.Output == 1)
        {
            findings.Warn("--out: found 1; no token follows an answer's first: times of further tokens, and tokens/s of a user, are those of one that would");
        }

        string[] files = [.. options.Chips.Select(chip => ChipFinder.Find(chip, options.SystemFolders))];
        foreach (string folder in new[] { options.OutputFolder, options.LaunchFolder }.OfType<string>())
        {
            OutputFile.CreateFolder(folder);
        }

        List<PlanAnswer> answers = [];
        InputDocuments documents = new([], []);
        foreach (string file in files)
        {
            Chip chip = SystemFile.Load(file, findings, options.Overrides.Models);
            UnknownFigures.CheckPrice(request, file, chip);
            if (ShortForm.Widened(request, model, chip, engine) is { } widened)
            {
                findings.Warn(widened);
            }

            answers.Add(Answer(options, new Question(request, model, engine, file, chip, documents), findings));
        }

        string[] warnings = [.. findings.Warnings.Concat(options.Overrides.Models.Partial).Select(Options.Of).Distinct()];
        if (!options.Quiet && !options.Json)
        {
            terminal.Warn(warnings);
        }

        Write(options, answers);
        string[] refusals = [.. answers.SelectMany(answer => Launch(options, answer, answers.Count > 1))];
        if (!options.Quiet && !options.Json)
        {
            terminal.Warn(refusals);
        }

        Say(options, answers, warnings, terminal);
        return answers.Exists(answer => answer.Best is not null) ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    /// <summary>An engine by name, or the one that a file's record describes.</summary>
    private static ServingEngine Engine(string word, Findings findings)
    {
        if (ServingEngine.All.TryGetValue(word, out ServingEngine? known))
        {
            return known;
        }

        return word.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? ServingEngineReader.Read(new JsonValue("--engine", "", JsonSerializer.SerializeToElement(word, PlanJsonContext.Default.String)), findings)
            : throw new ConfigurationException(
                $"--engine: found {word}; expected {string.Join(", ", ServingEngine.All.Keys)}, or the file of a record"
                + ConfigurationException.Suggestion(NearestName.Of(word, ServingEngine.All.Keys) is { } near ? [near] : []));
    }

    /// <summary>The answer for a chip, on the fewest cards that serve the rate where one is stated.</summary>
    private static PlanAnswer Answer(PlanOptions options, Question question, Findings findings)
    {
        Chip chip = question.Chip;
        int cards = options.Cards.Most;
        if (options.RequestsPerSecond is { } rate)
        {
            foreach (int count in options.Cards.Counts(EngineLayouts.ServerCardsOf(chip)))
            {
                cards = count;
                if (Serves(Runs(options, question, count, new Findings(options.AllowUnknownKeys)).Runs, rate, options))
                {
                    break;
                }
            }
        }

        (string text, IReadOnlyList<ModeRun> runs) = Runs(options, question, cards, findings);
        return PlanAnswer.Of(chip, text, runs, options.Ranked, options.Settings);
    }

    /// <summary>The runtime that the question stands for, and what it is read as.</summary>
    private static (string Text, IReadOnlyList<ModeRun> Runs) Runs(PlanOptions options, Question question, int cards, Findings findings)
    {
        string text = ShortForm.Text(ShortForm.Of(question.Request, question.Model, question.ChipFile, question.Chip, question.Engine, cards));
        using JsonDocument document = JsonDocument.Parse(text);
        try
        {
            return (text, RuntimeFile.Read(RuntimeName, document.RootElement.Clone(), options.Overrides, findings, question.Documents));
        }
        catch (ConfigurationException) when (UnknownFigures.AsksForEnergy(question.Request))
        {
            Question unlimited = question with { Request = question.Request with { EnergyLimit = null, Objective = PlanObjective.Throughput } };
            IReadOnlyList<ModeRun> runs = Runs(options, unlimited, cards, new Findings(options.AllowUnknownKeys)).Runs;
            if (UnknownFigures.OfEnergy(question.Request, question.ChipFile, runs.SelectMany(run => run.Jobs)) is { } unknown)
            {
                throw unknown;
            }

            throw;
        }
        catch (ConfigurationException refused) when (Options.Of(refused.Message) is var words && words != refused.Message)
        {
            throw new ConfigurationException(words, refused);
        }
    }

    private static double RequestsPerSecond(JobResult result) => DeploymentFigures.Of(result)?.RequestsPerSecond ?? 0;

    /// <summary>Whether what would be answered serves a rate.</summary>
    private static bool Serves(IReadOnlyList<ModeRun> runs, double rate, PlanOptions options)
    {
        Job[] jobs = [.. runs.SelectMany(run => run.Jobs)];
        return jobs[0].Objective == PlanObjective.Throughput
            ? Array.Exists(jobs, job => RequestsPerSecond(JobSolver.Solve(job, options.Settings)) >= rate)
            : PlanAnswer.BestOf(Array.ConvertAll(jobs, job => JobStudy.Of(job, 0, options.Settings))) is { } best
                && best.Point.RequestsPerSecond(best.Job.Lengths) >= rate;
    }

    /// <summary>What is missing to the rate that is asked for; null where nothing is.</summary>
    private static string? Unserved(PlanOptions options, PlanAnswer answer)
    {
        if (options.RequestsPerSecond is not { } rate || answer.Best is not { } best || best.RequestsPerSecond >= rate)
        {
            return null;
        }

        double most = answer.Studies.Max(study => study.Best?.RequestsPerSecond(study.Result.Job.Lengths) ?? 0);
        return most < rate
            ? string.Create(CultureInfo.InvariantCulture, $"{options.Cards.Most:N0} cards do not serve {rate} requests/s")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the best by the objective serves {best.RequestsPerSecond:G4} of {rate} requests/s on {options.Cards.Most:N0} cards; the most that they serve is {most:G4} (--objective throughput)");
    }

    /// <summary>Writes what starts the best deployment; of several chips in a folder each.</summary>
    /// <returns>What engines refuse.</returns>
    private static IEnumerable<string> Launch(PlanOptions options, PlanAnswer answer, bool isOfSeveral)
    {
        if (options.LaunchFolder is not { } launch || answer.Best is not { } best)
        {
            return [];
        }

        string folder = isOfSeveral ? Path.Combine(launch, answer.Chip.Name) : launch;
        OutputFile.CreateFolder(folder);
        return LaunchFiles.Write(folder, best.Result, new LaunchRequest())
            .Where(outcome => outcome.Refusal is not null)
            .Select(outcome => $"{outcome.Engine} cannot run the plan: {outcome.Refusal}");
    }

    private static void Write(PlanOptions options, List<PlanAnswer> answers)
    {
        for (int index = 0; index < answers.Count; index++)
        {
            PlanAnswer answer = answers[index];
            if (options.RuntimeFile is { } runtime)
            {
                OutputFile.Write(Named(runtime), writer => writer.Write(answer.Runtime));
            }

            if (options.OutputFolder is not { } folder)
            {
                continue;
            }

            OutputFile.Write(Named(Path.Combine(folder, Runtime)), writer => writer.Write(answer.Runtime));
            OutputFile.Write(Named(Path.Combine(folder, Front)), writer => PlanTables.WriteFront(
                answer.Studies.SelectMany(study => study.Front.Select(point => (study.Result.Job, point))), writer));
            OutputFile.Write(Named(Path.Combine(folder, Ranking)), writer => PlanTables.WriteFront(answer.Ranking.Select(ranked => (ranked.Job, ranked.Point)), writer));
            OutputFile.Write(Named(Path.Combine(folder, Batches)), writer => PlanTables.WriteBatches(
                answer.Best is { } best ? [(best.Job, best.Point)] : [], writer));
            OutputFile.Write(Named(Path.Combine(folder, Report)), new DeploymentPage(answer, options.Command).Write);

            // Of several chips each has files of its own.
            string Named(string path) => answers.Count == 1
                ? path
                : Path.Combine(Path.GetDirectoryName(path) ?? "", $"{Path.GetFileNameWithoutExtension(path)}-{answer.Chip.Name}{Path.GetExtension(path)}");
        }
    }

    private static void Say(PlanOptions options, List<PlanAnswer> answers, string[] warnings, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(PlanJson.Of(answers, [.. warnings, .. answers.Select(answer => Unserved(options, answer) is { } words ? $"{answer.Chip.Name}: {words}" : null).OfType<string>()]));
            return;
        }

        if (options.Csv)
        {
            PlanTables.WriteFront(answers.SelectMany(answer => answer.Ranking.Select(ranked => (ranked.Job, ranked.Point))), terminal.Output);
            return;
        }

        if (options.Quiet)
        {
            return;
        }

        for (int index = 0; index < answers.Count; index++)
        {
            terminal.Print((index > 0 ? [""] : Array.Empty<string>()).Concat(PlanScreen.Lines(answers[index])).SelectMany(line => line.Split('\n')));
            if (Unserved(options, answers[index]) is { } words)
            {
                terminal.Print([words]);
            }
        }

        if (answers.Count > 1)
        {
            terminal.Print(["", .. answers.Where(answer => answer.Best is not null)
                .OrderBy(answer => ObjectiveCost.Of(options.Request.Objective, answer.Best!.Job, answer.Best.Point))
                .Select(answer => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{answer.Chip.Name}: {answer.Best!.RequestsPerSecond:G4} requests/s on {answer.Best.Point.Cards} cards, TTFT {answer.Best.Point.Merit.FirstTokenSeconds * 1000:N0} ms, TPOT {answer.Best.Point.Merit.PerTokenSeconds * 1000:0.0} ms{Joules(answer.Best.Point)}"))]);
        }
    }

    private static string Joules(FrontPoint point) =>
        double.IsNaN(point.JoulesPerToken) ? "" : string.Create(CultureInfo.InvariantCulture, $", {point.JoulesPerToken:G4} J a token");

    /// <summary>What is asked of a chip, but for the cards.</summary>
    /// <param name="Request">The request.</param>
    /// <param name="Model">Its model.</param>
    /// <param name="Engine">Its engine.</param>
    /// <param name="ChipFile">File of the chip.</param>
    /// <param name="Chip">The chip.</param>
    /// <param name="Documents">Files of the runtime, read once for all numbers of cards.</param>
    private sealed record Question(PlanRequest Request, TransformerModel Model, ServingEngine Engine, string ChipFile, Chip Chip, InputDocuments Documents);
}

/// <summary>Writes words as JSON without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class PlanJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
