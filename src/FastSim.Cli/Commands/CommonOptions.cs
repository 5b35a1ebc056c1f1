using System.CommandLine;
using FastSim.Cli.Configuration;
using FastSim.Cli.Manual;
using FastSim.Kernels.Clocks;

namespace FastSim.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary><c>--output</c>.</summary>
    public static Option<string?> Output(string description) => Folder("--output", description, "-o");

    /// <summary>An option that names a folder.</summary>
    public static Option<string?> Folder(string name, string description, params string[] aliases)
    {
        Option<string?> folder = new(name, aliases) { Description = description, HelpName = "folder" };
        folder.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value))
            {
                result.AddError($"{name}: found an empty path; expected the folder of the results.");
            }
        });
        return folder;
    }

    /// <summary><c>--accounting</c>.</summary>
    public static Option<string?> Accounting() =>
        Word("--accounting", "Accounting of the cost model, in place of accounting.", RuntimeFile.Accountings.Keys);

    /// <summary><c>--timing</c>.</summary>
    public static Option<string?> Timing()
    {
        Option<string?> timing = new("--timing")
        {
            Description = "What prices launches, the first choice first, in place of timing of a runtime: fitted (measured forms of the systems), learned (an efficiency model) or roofline; what one does not know the next one prices, the roofline last.",
            HelpName = Offered.List,
        };
        timing.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Array.Find(Words(token.Value), word => !ServingChoice.Clocks.ContainsKey(word)) is { } unknown)
            {
                string nearest = NearestName.Of(unknown, ServingChoice.Clocks.Keys) is { } near ? $"; did you mean {near}?" : ".";
                result.AddError($"--timing: found {unknown}; expected {string.Join(", ", ServingChoice.Clocks.Keys)}, separated by commas{nearest}");
            }
        });
        return timing.Offers(ServingChoice.Clocks.Keys);
    }

    /// <summary>The clocks of <c>--timing</c>; null without it.</summary>
    public static IReadOnlyList<ClockKind>? Clocks(string? words) =>
        words is null ? null : Array.ConvertAll(Words(words), word => ServingChoice.Clocks[word]);

    private static string[] Words(string list) => list.Split(',', StringSplitOptions.TrimEntries);

    /// <summary><c>--efficiency-model</c>.</summary>
    public static Option<string?> EfficiencyModel() => new("--efficiency-model")
    {
        Description = "Learned efficiencies in place of the systems' tables and coefficients, and before their measured forms, an ONNX model (docs/surrogate.md); goes before efficiency_model of the files.",
        HelpName = "model.onnx",
    };

    /// <summary><c>--allow-unknown</c>.</summary>
    public static Option<bool> AllowUnknown() => new("--allow-unknown") { Description = "Warn of unknown keys instead of refusing them." };

    /// <summary><c>--beyond-context</c>.</summary>
    public static Option<bool> BeyondContext() => new("--beyond-context")
    {
        Description = "Answer for requests longer than a published model has positions for (max_position_embeddings), too, instead of refusing them.",
    };

    /// <summary><c>--quiet</c>.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print nothing but errors." };

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print the summary as JSON." };

    /// <summary><c>--threads</c>.</summary>
    public static Option<int?> Threads()
    {
        Option<int?> threads = new("--threads")
        {
            Description = "Threads to use; one a core without it. The results do not depend on it.",
            HelpName = "n",
        };
        threads.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int count) || count < 1))
            {
                result.AddError($"--threads: found {token.Value}; expected an integer of at least 1.");
            }
        });
        return threads;
    }

    /// <summary>An option that takes one of several words.</summary>
    public static Option<string?> Word(string name, string description, IEnumerable<string> words)
    {
        Option<string?> option = new(name) { Description = description, HelpName = string.Join('|', words) };
        option.AcceptOnlyFromAmong([.. words]);
        return option;
    }

    /// <summary>What a word stands for; null for none.</summary>
    public static T? Meaning<T>(string? word, IReadOnlyDictionary<string, T> words)
        where T : struct => word is null ? null : words[word];
}
