using System.CommandLine;
using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Manual;
using FastSim.Cli.Planning;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Commands;

/// <summary>The words of <c>fastsim plan</c>.</summary>
internal static class PlanCommands
{
    private const int MostTokens = 1 << 29;
    private const int MostRanked = 100;
    private const int UsualRanked = 10;

    /// <summary>The command.</summary>
    public static Command Plan(Terminal terminal)
    {
        Argument<string> model = new("model") { Description = "A Hugging Face config.json or its folder, or a model file." };
        Option<string[]> chip = new("--chip")
        {
            Description = "Chip, by name from data/systems or a folder of --systems, or a system file; several are answered one after another and compared.",
            Required = true,
            HelpName = "name",
        };
        chip.Offers(Offered.Chips);
        Option<string[]> systems = new("--systems") { Description = "Folder of system files of your own; looked into before data/systems.", HelpName = "folder" };
        Option<string> cards = new("--cards") { Description = "Cards at hand; a range, 8..128, with --rate.", Required = true, HelpName = "n" };
        Option<int> input = Tokens("--in", "Tokens of a prompt.");
        Option<int> output = Tokens("--out", "Tokens of an answer.");
        Option<double?> firstToken = Number("--ttft", "Limit of the time to first token, ms.", 0, double.MaxValue);
        Option<double?> perToken = Number("--tpot", "Limit of the time per output token, ms.", 0, double.MaxValue);
        Option<double?> cost = Number("--max-cost", "Limit of cost, dollars for a million tokens of the cards that are used; the chip must state its price.", 0, double.MaxValue);
        Option<double?> energy = Number("--max-energy", "Limit of energy, joules for a token of the cards that are used; the chip must state what it draws.", 0, double.MaxValue);
        Option<double?> rate = Number("--rate", "Requests/s to serve: the fewest cards of the range of --cards that do.", 0, double.MaxValue);
        Option<string> engine = new("--engine")
        {
            Description = "Serving engine: trtllm, vllm, sglang, none, or the file of a record; vllm without it.",
            DefaultValueFactory = _ => "vllm",
            HelpName = "engine",
        };
        engine.Offers(ServingEngine.All.Keys);
        Option<string?> precision = CommonOptions.Word("--precision", "Data type of products; the checkpoint's own without it.", ShortForm.Precisions.Keys);
        Option<string?> cache = CommonOptions.Word("--cache", "Data type of keys and values; without it what the checkpoint says, else what the engine keeps them in.", ["bf16", "fp8"]);
        Option<double?> prefix = Number("--prefix-hit", "Share of each prompt that is cached already, 0 to below 1.", double.NegativeInfinity, 1);
        Option<int> images = new("--images") { Description = "Images of a request, which the model's vision encoder turns into tokens of its prompt.", HelpName = "n" };
        Option<int?> imageTokens = new("--image-tokens") { Description = "Tokens of the prompt that each image becomes, counted within --in; those of one tile without it, where the encoder takes tiles of one size.", HelpName = "tokens" };
        Option<string?> second = CommonOptions.Word("--second-memory", "What may lie in the chip's second memory, mem2: shares of it are tried; nothing without it.", SecondMemoryReader.Words);
        Option<string?> place = CommonOptions.Word("--prefix-location", "Where cached prefixes are kept; mem1 without it.", SecondMemoryReader.LocationWords);
        Option<int> drafts = new("--drafts") { Description = "Tokens drafted a step.", HelpName = "n" };
        Option<string?> draft = new("--draft")
        {
            Description = $"What drafts them: {string.Join(", ", DraftReader.Words)}, or the file of a draft model; mtp, the model's own prediction blocks, without it.",
            HelpName = "draft",
        };
        draft.Offers(DraftReader.Words);
        Option<string?> acceptance = Acceptance();
        Option<double?> meanLength = Number("--mean-length", "Mean tokens of a step as measured, the model's own included; in place of --acceptance.", 0, double.MaxValue);
        Option<string?> objective = CommonOptions.Word(
            "--objective", "What the best is best in: requests/s (without it), time of a whole request, to the first token, or per further token, price of a token, or energy of one.", RuntimeFile.Objectives.Keys);
        Option<int> top = new("--top") { Description = "Layouts to rank; 10 without it.", DefaultValueFactory = _ => UsualRanked, HelpName = "n" };
        Option<bool> anyLayout = new("--any-layout") { Description = "Keep layouts that the engine cannot run." };
        Option<bool> padHeads = new("--pad-heads") { Description = "Pad heads where tensor parallelism does not divide them, on cards that pay for the padding; engines cannot: with --any-layout." };
        Option<string?> launch = CommonOptions.Folder("--launch", "Write files that start the best deployment on vLLM, SGLang and TensorRT-LLM into this folder (docs/file-formats.md, Launch files).");
        Option<string?> save = new("--save") { Description = "File for the runtime that run would take.", HelpName = "runtime.json" };
        Option<string?> folder = CommonOptions.Output("Folder for report.html, front.csv, ranking.csv, batches.csv and runtime.json.");
        Option<string?> timing = CommonOptions.Timing();
        Option<string?> efficiency = CommonOptions.EfficiencyModel();
        Option<bool> beyondContext = CommonOptions.BeyondContext();
        Option<bool> allowUnknown = CommonOptions.AllowUnknown();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Option<bool> csv = new("--csv") { Description = "Print the ranking as CSV." };
        Option<int?> threads = CommonOptions.Threads();
        cards.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && CardRange.Read(token.Value) is null)
            {
                result.AddError($"--cards: found {token.Value}; expected a number of cards, or the fewest and the most, such as 8..128.");
            }
        });
        Check(drafts, 0, 64);
        Check(images, 0, ImageKeys.Most);
        Check(imageTokens, 1, ImageKeys.Most);
        Check(top, 1, MostRanked);
        Command plan = new("plan", "Find the best deployment of a model on a chip, and show it on one screen: what it does, what binds, what comes next, and what no deployment beats.")
        {
            model, chip, cards, input, output, firstToken, perToken, engine, precision, cache, prefix, images, imageTokens, second, place, drafts, draft, acceptance, meanLength, objective, cost, energy, rate, top, systems, anyLayout,
            padHeads, save, launch, folder, timing, efficiency, beyondContext, allowUnknown, quiet, json, csv, threads,
        };
        plan.Validators.Add(result =>
        {
            if (!AreReadable(() => _ = (
                result.GetValue(cards),
                result.GetValue(images),
                result.GetValue(imageTokens),
                result.GetValue(rate),
                result.GetValue(energy),
                result.GetValue(drafts),
                result.GetValue(acceptance),
                result.GetValue(meanLength))))
            {
                return;
            }

            if (result.GetValue(cards) is { } text && CardRange.Read(text) is { } range && range.Least != range.Most && result.GetValue(rate) is null)
            {
                result.AddError($"--cards: found a range, {text}, without --rate; expected the requests/s to serve, or one number of cards.");
            }

            if (result.GetValue(energy) is not null && result.GetValue(objective) is { } other && other is not ("throughput" or "energy"))
            {
                result.AddError($"--max-energy: found --objective {other}, too; expected throughput or energy: under others the phases of a split cannot share a limit of energy.");
            }

            if (result.GetValue(imageTokens) is not null && result.GetResult(images) is null or { Implicit: true })
            {
                result.AddError("--image-tokens: found without --images; expected images to be of as many tokens.");
            }

            if (DraftFault(result.GetValue(drafts), result.GetValue(draft), result.GetValue(acceptance), result.GetValue(meanLength)) is { } fault)
            {
                result.AddError(fault);
            }
        });
        plan.SetAction(parsed => PlanCommand.Run(
            new PlanOptions(
                new PlanRequest(
                    parsed.GetRequiredValue(model),
                    parsed.GetRequiredValue(input),
                    parsed.GetRequiredValue(output),
                    parsed.GetValue(firstToken),
                    parsed.GetValue(perToken),
                    EngineNames.WordOf(parsed.GetRequiredValue(engine)),
                    parsed.GetValue(precision),
                    parsed.GetValue(cache),
                    parsed.GetValue(prefix) ?? 0,
                    parsed.GetValue(drafts),
                    Chances(parsed.GetValue(acceptance)),
                    parsed.GetValue(meanLength),
                    parsed.GetValue(draft),
                    CommonOptions.Meaning(parsed.GetValue(objective), RuntimeFile.Objectives) ?? PlanObjective.Throughput,
                    parsed.GetValue(cost),
                    parsed.GetValue(anyLayout))
                {
                    EnergyLimit = parsed.GetValue(energy),
                    PadHeads = parsed.GetValue(padHeads),
                    Images = parsed.GetValue(images),
                    ImageTokens = parsed.GetValue(imageTokens),
                    SecondMemory = parsed.GetValue(second),
                    PrefixLocation = parsed.GetValue(place),
                },
                parsed.GetRequiredValue(chip),
                parsed.GetValue(systems) ?? [],
                CardRange.Read(parsed.GetRequiredValue(cards))!.Value,
                parsed.GetValue(rate),
                parsed.GetValue(top),
                parsed.GetValue(save),
                parsed.GetValue(folder),
                parsed.GetValue(launch),
                new RuntimeOverrides(
                    null, null, null, null, parsed.GetValue(efficiency), new EfficiencyModels(), parsed.GetValue(beyondContext))
                {
                    Timing = CommonOptions.Clocks(parsed.GetValue(timing)),
                },
                parsed.GetValue(allowUnknown),
                parsed.GetValue(quiet),
                parsed.GetValue(json),
                parsed.GetValue(csv),
                EngineSettings.Default with { Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads })
            {
                Command = TypedCommand.Of(parsed),
            },
            terminal));
        return plan;
    }

    private static Option<int> Tokens(string name, string description)
    {
        Option<int> tokens = new(name) { Description = description, Required = true, HelpName = "tokens" };
        Check(tokens, 1, MostTokens);
        return tokens;
    }

    private static Option<double?> Number(string name, string description, double above, double below)
    {
        Option<double?> number = new(name) { Description = description, HelpName = "number" };
        number.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && !(double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    && double.IsFinite(value) && value >= Math.Max(0, above) && value > above && value < below))
            {
                string range = below < double.MaxValue ? "a number from 0 to below 1" : above < 0 ? "a number of at least 0" : "a number above 0";
                result.AddError($"{name}: found {token.Value}; expected {range}.");
            }
        });
        return number;
    }

    private static Option<string?> Acceptance()
    {
        Option<string?> acceptance = new("--acceptance")
        {
            Description = "Chance that a draft is accepted given that all before it were: one for all, or one a draft, separated by commas; 0.85 without it.",
            HelpName = "numbers",
        };
        acceptance.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Chances(token.Value) is null)
            {
                result.AddError($"--acceptance: found {token.Value}; expected a number from 0 to 1, or one for each draft token, separated by commas.");
            }
        });
        return acceptance;
    }

    /// <summary>Chances from 0 to 1, separated by commas; null where there are none.</summary>
    private static double[]? Chances(string? text) => text is null ? null : AcceptanceReader.Chances(text.Split(','));

    /// <summary>What does not fit of drafts and how many of them count; null where all does.</summary>
    /// <summary>Whether options can be asked for: what cannot be read, or is there twice, throws, and has a message of its own later.</summary>
    private static bool AreReadable(Action ask)
    {
        try
        {
            ask();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? DraftFault(int drafts, string? draft, string? acceptance, double? meanLength)
    {
        if (acceptance is not null && Chances(acceptance) is null)
        {
            // The option says so itself.
            return null;
        }

        if (drafts == 0)
        {
            string? used = acceptance is not null ? "--acceptance" : meanLength is not null ? "--mean-length" : draft is not null ? "--draft" : null;
            return used is null ? null : $"{used}: found no --drafts; expected the number of tokens drafted.";
        }

        if (acceptance is not null && meanLength is not null)
        {
            return "--mean-length: found --acceptance, too; expected one of them.";
        }

        if (Chances(acceptance) is { Length: > 1 } places && places.Length != drafts)
        {
            return $"--acceptance: found {acceptance}; expected {AcceptanceReader.PlacesExpected(drafts)}.";
        }

        return meanLength is { } mean && !AcceptanceReader.MeanRule(drafts).Accepts(mean)
            ? string.Create(CultureInfo.InvariantCulture, $"--mean-length: found {mean}; expected {AcceptanceReader.MeanRule(drafts).Expected}.")
            : null;
    }

    private static void Check(Option option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name}: found {token.Value}; expected an integer from {least} to {most}."));
        }
    });
}
