using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Unusual input that is fine, and what the program says of it.</summary>
public sealed class AcceptedInputTests
{
    [Fact]
    public void All_three_comment_styles_and_trailing_commas_load()
    {
        using TemporaryFolder folder = Inputs();
        folder.Write(
            "chip.json",
            "# a chip # twice\n// and a line\n/* and\n a block # with a hash */"
                + File.ReadAllText(folder.PathOf("chip.json")).Replace("\"type\": \"gpu\",", "\"type\": \"g#//u\", # its type", StringComparison.Ordinal));
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));
        folder.Write("fusion.json", runtime.Replace("[\"chip.json\"]", "[\"chip.json\",],", StringComparison.Ordinal).Replace(",,", ",", StringComparison.Ordinal));
        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);
    }

    [Fact]
    public void Keys_that_start_with_an_underscore_or_a_dollar_are_comments_everywhere()
    {
        using TemporaryFolder folder = Inputs();
        foreach (string file in new[] { "fusion.json", "dense.json", "experts.json", "chip.json" })
        {
            string text = File.ReadAllText(folder.PathOf(file));
            folder.Write(file, text.Replace("{", "{ \"_note\": \"any\", \"$schema\": 1, ", StringComparison.Ordinal).Replace(", }", " }", StringComparison.Ordinal));
        }

        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);
    }

    [Fact]
    public void An_unknown_key_is_a_warning_when_the_user_allows_it()
    {
        using TemporaryFolder folder = Inputs();
        folder.Write("dense.json", File.ReadAllText(folder.PathOf("dense.json")).Replace("\"cache_len\"", "\"novel\": 1, \"cache_len\"", StringComparison.Ordinal));
        Assert.Equal(2, Run(folder, "fusion.json").ExitCode);
        FastSimProgram.Outcome allowed = Run(folder, "fusion.json", "--allow-unknown");
        Assert.Equal(0, allowed.ExitCode);
        Assert.Contains("novel: found an unknown key", allowed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_seed_accounting_does_not_use_are_named_once()
    {
        using TemporaryFolder folder = Inputs();
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        folder.Write("chip.json", chip.Replace("\"GBps\": 100,", "\"GBps\": 100, \"page_attention_calibration_coefficient\": 1,", StringComparison.Ordinal)
            .Replace("\"topology\": \"switch\",", "\"topology\": \"switch\", \"collectives\": [\"ring\"],", StringComparison.Ordinal));
        folder.Write("other.json", File.ReadAllText(folder.PathOf("chip.json"))
            .Replace("\"type\": \"gpu\",", "\"type\": \"gpu\", \"cache\": {\"MiB\": 50, \"GBps\": 5000, \"in_roofline\": true},", StringComparison.Ordinal));
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));
        folder.Write("fusion.json", runtime.Replace("[\"chip.json\"]", "[\"chip.json\", \"other.json\"]", StringComparison.Ordinal));
        string[] warnings = Run(folder, "fusion.json").Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["warning: not used by seed accounting: cache.in_roofline, collectives, mem2, page_attention_calibration_coefficient; \"accounting\": \"physical\" does"], warnings);
    }

    [Fact]
    public void A_split_of_fewer_cards_than_the_total_names_the_idle_ones()
    {
        using TemporaryFolder folder = Inputs();
        string runtime = File.ReadAllText(folder.PathOf("split.json"));
        folder.Write("split.json", runtime.Replace("[12]", "[15]", StringComparison.Ordinal));
        Assert.Contains(
            "pd-split-request-optimal.pd_num_procs_list[0]: the split takes 12 of 15 cards; 3 stay idle",
            Run(folder, "split.json").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_activation_width_that_disagrees_with_the_matrix_type_is_a_warning()
    {
        using TemporaryFolder folder = Inputs();
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));
        folder.Write("fusion.json", runtime.Replace("[[2, 2, 2, 2]]", "[[2, 0.5, 2, 2]]", StringComparison.Ordinal));
        Assert.Contains(
            "pd-fusion.wac_bytes_list[0][1]: activations of 0.5 bytes disagree with the matrix type float16 (2 bytes)",
            Run(folder, "fusion.json").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_resolves_against_the_working_directory_before_the_runtime_files_folder()
    {
        using TemporaryFolder folder = Inputs();
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));

        // The tests' working directory holds no dense.json; an absolute path needs no folder at all.
        folder.Write(
            "fusion.json", runtime.Replace("\"dense.json\"", $"\"{folder.PathOf("dense.json").Replace('\\', '/')}\"", StringComparison.Ordinal));
        Assert.Equal(0, Run(folder, "fusion.json").ExitCode);
    }

    private static TemporaryFolder Inputs()
    {
        TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        return folder;
    }

    private static FastSimProgram.Outcome Run(TemporaryFolder folder, string runtime, params string[] more) =>
        FastSimProgram.Run(["run", "-c", folder.PathOf(runtime), "-o", folder.PathOf("out"), .. more]);
}
