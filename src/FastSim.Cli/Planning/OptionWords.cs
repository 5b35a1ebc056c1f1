using FastSim.Cli.Configuration;

namespace FastSim.Cli.Planning;

/// <summary>
/// What is said of a place in the runtime that a short question stands for, in the words of the command line: nobody wrote that runtime, and both ways of deploying have the same places.
/// </summary>
/// <param name="runtime">Name of the runtime in messages.</param>
internal sealed class OptionWords(string runtime)
{
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        ["model_list"] = "<model>",
        ["sequence_length_list"] = "--in, --out",
        ["num_procs_list"] = "--cards",
        ["time_limit_list"] = "--ttft, --tpot",
        ["sys_list"] = "--chip",
        ["engine"] = "--engine",
        ["objective"] = "--objective",
        ["cost_limit"] = "--max-cost",
        ["energy_limit"] = "--max-energy",
        ["prefix_hit"] = "--prefix-hit",
        ["images"] = "--images",
        ["image_tokens"] = "--image-tokens",
        ["second_memory"] = "--second-memory",
        ["prefix_location"] = "--prefix-location",
        ["decode_mtp_token_config"] = "--drafts",
        ["mtp_acceptance"] = "--acceptance",
        ["draft"] = "--draft",
        [PadKey.Name] = "--pad-heads",
    };

    /// <summary>A message, with the option in place of the runtime's file and path where one stands for it; any other as it is.</summary>
    /// <param name="message">The message.</param>
    public string Of(string message)
    {
        int start = runtime.Length + 2;
        if (!message.StartsWith(runtime + ": ", StringComparison.Ordinal) || message.IndexOf(": ", start, StringComparison.Ordinal) is var end && end < 0)
        {
            return message;
        }

        string[] path = message[start..end].Split('.', '[');
        return path.Length > 1 && Options.TryGetValue(path[1], out string? option) ? option + message[end..] : message;
    }
}
