using System.CommandLine;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary><c>--output</c>.</summary>
    public static Option<string?> Output(string description)
    {
        Option<string?> output = new("--output", "-o") { Description = description, HelpName = "folder" };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value))
            {
                result.AddError("--output: found an empty path; expected the folder of the results.");
            }
        });
        return output;
    }

    /// <summary><c>--accounting</c>.</summary>
    public static Option<string?> Accounting() =>
        Word("--accounting", "Accounting of the cost model, in place of accounting.", RuntimeFile.Accountings.Keys);

    /// <summary><c>--efficiency-model</c>.</summary>
    public static Option<string?> EfficiencyModel() => new("--efficiency-model")
    {
        Description = "Learned efficiencies in place of the systems' tables and coefficients, an ONNX model (docs/surrogate.md); goes before efficiency_model of the files.",
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
