using System.Diagnostics;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Completions, the manual page and the examples of the help say what the commands take, in shells that are asked where they are installed.</summary>
public sealed partial class CompletionTests
{
    /// <summary>A shell that waits for a prompt that never comes is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    [Fact]
    public void Every_script_and_the_manual_page_have_every_command_and_option_of_the_help()
    {
        string[] pages = [.. Shells.Select(shell => FastSimProgram.Run("completions", shell).Output), FastSimProgram.Run("man").Output.Replace("\\-", "-", StringComparison.Ordinal)];
        string[] commands = Commands();
        Assert.True(commands.Length >= 16, string.Join(", ", commands));
        int options = 0;
        foreach (string command in commands)
        {
            foreach (string option in Option().Matches(FastSimProgram.Run([.. command.Split(' '), "--help"]).Output).Select(match => match.Groups[1].Value))
            {
                options++;
                Assert.All(pages, page => Assert.Matches($"(--|-l ){option[2..]}\\b", page));
            }

            Assert.All(pages, page => Assert.Contains(command.Split(' ')[^1], page, StringComparison.Ordinal));
        }

        Assert.True(options > 100, $"{options}");
    }

    /// <summary>An example whose files are not here ends at the first of them, never at a word that the command does not know.</summary>
    [Fact]
    public void Every_command_has_an_example_that_the_command_line_takes()
    {
        using TemporaryFolder folder = new();
        foreach (string command in Commands())
        {
            string help = FastSimProgram.Run([.. command.Split(' '), "--help"]).Output;
            string example = string.Join(' ', Assert.Single(Example().Matches(help)).Groups[1].Value.Split([' ', '\n', '\r', '\\'], StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains($"fastsim {command}", example, StringComparison.Ordinal);
            if (command is "init" or "completions" or "man")
            {
                continue;
            }

            string[] words = [.. example.Split(' ').Skip(1).Select(word => word.StartsWith("outputs/", StringComparison.Ordinal) ? folder.PathOf(word) : folder.PathOf("no", word))];
            string[] typed = [.. example.Split(' ').Skip(1)];
            for (int word = 0; word < words.Length; word++)
            {
                typed[word] = typed[word].Contains('/', StringComparison.Ordinal) || typed[word].Contains('.', StringComparison.Ordinal) ? words[word] : typed[word];
            }

            FastSimProgram.Outcome outcome = FastSimProgram.Run(typed);
            Assert.DoesNotContain("Run fastsim --help", outcome.Error, StringComparison.Ordinal);
            Assert.Equal(2, outcome.ExitCode);
        }
    }

    [Theory]
    [InlineData("fastsim ru", "run")]
    [InlineData("fastsim run --form", "--format")]
    [InlineData("fastsim run --format c", "categorised")]
    [InlineData("fastsim plan --engine sg", "sglang")]
    [InlineData("fastsim plan --objective th", "throughput")]
    [InlineData("fastsim plan --timing l", "learned")]
    [InlineData("fastsim run --timing fi", "fitted")]
    [InlineData("fastsim run --timing learned,fi", "learned,fitted")]
    [InlineData("fastsim plan --engine = sg", "sglang")]
    [InlineData("fastsim plan --engine =", "vllm")]
    [InlineData("fastsim plan --chip H100", "H100_SXM")]
    [InlineData("fastsim plan --draft eagle", "eagle3")]
    [InlineData("fastsim surrogate tr", "train")]
    [InlineData("fastsim surrogate train --", "--output")]
    [InlineData("fastsim completions --he", "--help")]
    [InlineData("fastsim completions z", "zsh")]
    public void Bash_completes(string typed, string expected)
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("completions", FastSimProgram.Run("completions", "bash").Output);
        string[] words = typed.Split(' ');
        string answer = Ask(
            "bash",
            "-euc",
            $"source '{script}'; COMP_WORDS=({string.Join(' ', words)}); COMP_CWORD={words.Length - 1}; _fastsim; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        Assert.Contains(expected, answer.Split('\n'));
    }

    [Theory]
    [InlineData("learned,", "learned,fitted", "learned,roofline")]
    [InlineData("learned,fitted,", "learned,fitted,roofline")]
    [InlineData("learned,lea")]
    [InlineData("lea", "learned")]
    public void Bash_offers_no_word_of_a_list_twice(string typed, params string[] offered)
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("completions", FastSimProgram.Run("completions", "bash").Output);
        string answer = Ask(
            "bash", "-euc", $"source '{script}'; COMP_WORDS=(fastsim run --timing {typed}); COMP_CWORD=3; _fastsim; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        Assert.Equal(offered, answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Bash_offers_one_command_s_words_alone_and_files_where_files_belong()
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("completions", FastSimProgram.Run("completions", "bash").Output);
        folder.Write("a runtime.json", "");
        Assert.Equal("a runtime.json\n", Ask("bash", "-c", $"cd '{folder.Root}'; source '{script}'; COMP_WORDS=(fastsim run -c a); COMP_CWORD=3; _fastsim; printf '%s\\n' \"${{COMPREPLY[@]}}\""));
        Assert.Equal("--format\n--front\n", Ask("bash", "-c", $"source '{script}'; COMP_WORDS=(fastsim run --f); COMP_CWORD=2; _fastsim; printf '%s\\n' \"${{COMPREPLY[@]}}\""));
    }

    [Fact]
    public void Zsh_takes_its_script()
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("_fastsim", FastSimProgram.Run("completions", "zsh").Output);
        Assert.Equal("_fastsim\n", Ask("zsh", "-fc", $"autoload -Uz compinit; compinit -D -u; source '{script}'; print -r -- $_comps[fastsim]"));
        Assert.Matches(@"--chip\[.*\]:name:\{_alternative ""words\\:name\\:\(.*\bH100_SXM\b.*\)"" ""files\\:file\\:_files""\}", File.ReadAllText(script));
    }

    /// <summary>What a terminal has on its line and shows after the tabulator: a script may be taken whole and still have actions that zsh cannot run.</summary>
    [Theory]
    [InlineData("fastsim surrogate tr", "train")]
    [InlineData("fastsim plan --obj", "--objective")]
    [InlineData("fastsim plan --objective thr", "throughput")]
    [InlineData("fastsim plan --engine sgl", "sglang")]
    [InlineData("fastsim plan --chip H100_S", "H100_SXM")]
    [InlineData("fastsim plan --draft eagle3 --draf", "--drafts")]
    [InlineData("fastsim completions pw", "pwsh")]
    public void Zsh_completes(string typed, string expected)
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("_fastsim", FastSimProgram.Run("completions", "zsh").Output);
        string shown = Ask("zsh", "-fc", $$"""
            zmodload zsh/zpty
            zpty terminal zsh -fi
            zpty -w terminal "PS1=re''ady; autoload -Uz compinit; compinit -D -u; source '{{script}}'; bindkey '^I' complete-word; show() { zle -I; print -r -- \"\$BUFFER\" }; zle -N show; bindkey '^X' show"
            zpty -r terminal began '*ready*'
            zpty -w -n terminal '{{typed}}'$'\t\x18'
            for (( waited = 0; waited < 200; waited++ )); do
                while zpty -r -t terminal part; do shown+=$part; done
                [[ $shown == *{{expected}}* ]] && break
                sleep 0.05
            done
            print -r -- $shown
            zpty -d terminal
            """);
        Assert.Contains(expected, shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Fish_completes()
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("fastsim.fish", FastSimProgram.Run("completions", "fish").Output);
        string[] answer = Ask("fish", "--no-config", "-c", $"source '{script}'; complete -C 'fastsim run --format '; complete -C 'fastsim mod'; complete -C 'fastsim model '").Split('\n');
        Assert.Contains("categorised", string.Join('\n', answer), StringComparison.Ordinal);
        Assert.Contains(answer, line => line.StartsWith("model\t", StringComparison.Ordinal));
        answer = Ask("fish", "--no-config", "-c", $"source '{script}'; complete -C 'fastsim plan --chip H100_S'; complete -C 'fastsim plan --engine sgl'; complete -C 'fastsim plan --timing roof'; complete -C 'fastsim plan --objective lat'; complete -C 'fastsim mod'; complete -C 'fastsim model '").Split('\n');
        Assert.All(["H100_SXM", "sglang", "roofline", "latency"], word => Assert.Contains(answer, line => line.Split('\t')[0] == word));
        Assert.Contains(answer, line => line.StartsWith("convert\t", StringComparison.Ordinal));
    }

    /// <summary>PowerShell itself need not be installed: the table that its script looks values up in.</summary>
    [Theory]
    [InlineData("plan --engine", "sglang")]
    [InlineData("plan --chip", "H100_SXM")]
    [InlineData("plan --timing", "learned")]
    [InlineData("plan --objective", "throughput")]
    public void PowerShell_has_the_words_of_options(string option, string word)
    {
        string line = Assert.Single(FastSimProgram.Run("completions", "pwsh").Output.Split('\n'), line => line.Trim().StartsWith($"'{option}' = @(", StringComparison.Ordinal));
        Assert.Contains($"'{word}'", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_manual_page_is_one_that_man_reads()
    {
        using TemporaryFolder folder = new();
        string page = folder.Write("fastsim.1", FastSimProgram.Run("man").Output);
        string shown = Ask("groff", "-man", "-Tascii", "-ww", "-P-cbou", page);
        Assert.Contains("fastsim model show <model>", shown, StringComparison.Ordinal);
        Assert.Contains("fastsim run -c data/runtimes/sample.json", shown, StringComparison.Ordinal);
        Assert.Contains("--out 1000 \\\n", shown, StringComparison.Ordinal);
    }

    /// <summary>The commands that have no others below them, as the help names them.</summary>
    private static string[] Commands()
    {
        return [.. Below("")];

        static IEnumerable<string> Below(string path)
        {
            string help = FastSimProgram.Run([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]).Output;
            string[] parts = help.Split("Commands:\n");
            if (parts.Length < 2)
            {
                return [path];
            }

            return CommandName().Matches(parts[1]).SelectMany(match => Below($"{path} {match.Groups[1].Value}".Trim()));
        }
    }

    private static string Ask(string program, params string[] arguments)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Skip($"{program} is not installed");
        }

        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        bool isOver = process.WaitForExit(Patience);
        if (!isOver)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(isOver, $"{program} did not end within {Patience}");
        Assert.Equal("", error.GetAwaiter().GetResult());
        return output.GetAwaiter().GetResult();
    }

    [GeneratedRegex(@"^  (?:-\w, )?(--[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex(@"^  ([a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex(@"^Example:\r?\n((?:  .+\r?\n)+)", RegexOptions.Multiline)]
    private static partial Regex Example();
}
