using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim init</c>: asks, one thing after another, for what a runtime needs, and writes it.</summary>
internal static class InitCommand
{
    private const int MostTokens = 1 << 29;

    /// <summary>The command.</summary>
    /// <param name="terminal">Where it speaks and hears.</param>
    public static Command Init(Terminal terminal)
    {
        Argument<string> file = new("runtime") { Description = "The runtime file to write.", DefaultValueFactory = _ => "runtime.json" };
        Command init = new("init", "Ask for a model, a chip, cards and a load, and write the runtime that run takes.") { file };
        init.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            OutputFile.CheckOption("init", path);
            Findings findings = new(allowUnknownKeys: false);
            Dialogue dialogue = new(terminal);
            string modelFile = dialogue.Ask("model (a config.json, its folder, or a model file)", null, text => NamedFile.Model(text, "a model file"));
            TransformerModel model = ModelFile.Load(modelFile, findings);
            string chipFile = dialogue.Ask("chip (a name from data/systems, or a system file)", "H100_SXM", text => ChipFinder.Find(text, []));
            Chip chip = SystemFile.Load(chipFile, findings);
            int cards = dialogue.Ask("cards", "8", text => Whole(text, 1 << 20));
            int input = dialogue.Ask("tokens of a prompt", "4000", text => Whole(text, MostTokens));
            int output = dialogue.Ask("tokens of an answer", "1000", text => Whole(text, MostTokens));
            double? firstToken = dialogue.Ask("limit of the time to first token, ms (none: no limit)", "none", Limit);
            double? perToken = dialogue.Ask("limit of the time per output token, ms (none: no limit)", "50", Limit);
            string engineName = dialogue.Ask($"engine ({string.Join(", ", ServingEngine.All.Keys)})", "vllm", text => EngineNames.TryFind(text, out ServingEngine? known)
                ? known.Name
                : throw new ConfigurationException($"found {text}; expected one of {string.Join(", ", ServingEngine.All.Keys)}"));
            PlanRequest request = new(modelFile, input, output, firstToken, perToken, engineName, null, null, 0, 0, null, null, null, PlanObjective.Throughput, null, AnyLayout: false);
            string runtime = ShortForm.Text(ShortForm.Of(request, model, chipFile, chip, ServingEngine.All[engineName], cards));
            using JsonDocument document = JsonDocument.Parse(runtime);
            RuntimeFile.Read(path, document.RootElement, RuntimeOverrides.None, findings, new InputDocuments([]));
            OutputFile.Write(path, writer => writer.Write(runtime));
            terminal.Warn(findings.Warnings);
            terminal.Print([$"{path} is written; fastsim run -c {path} searches it"]);
            return ExitCodes.Success;
        });
        return init;
    }

    private static int Whole(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number
            : throw new ConfigurationException($"found {text}; expected an integer from 1 to {most}");

    private static double? Limit(string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && number > 0
            ? number
            : throw new ConfigurationException($"found {text}; expected a number above 0, or none");
    }

    /// <summary>Questions and answers, a line each; what cannot be used is asked for again.</summary>
    private sealed class Dialogue(Terminal terminal)
    {
        public T Ask<T>(string question, string? usual, Func<string, T> read)
        {
            while (true)
            {
                terminal.Output.Write($"{question}{(usual is null ? "" : $" [{usual}]")}: ");
                terminal.Output.Flush();
                string? answer = terminal.Input.ReadLine();
                if (answer is null)
                {
                    terminal.Output.WriteLine();
                    throw new ConfigurationException($"init: found the end of the answers; expected one to: {question}");
                }

                string text = answer.Trim().Length > 0 ? answer.Trim() : usual ?? "";
                try
                {
                    return text.Length > 0 ? read(text) : throw new ConfigurationException("found nothing; expected an answer");
                }
                catch (ConfigurationException exception)
                {
                    terminal.Fail(exception.Message);
                }
            }
        }
    }
}
