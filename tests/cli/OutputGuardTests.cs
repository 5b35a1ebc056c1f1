using System.Diagnostics;
using System.Text;
using FastSim.Cli.Commands;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>No output takes the place of an input of the same command or of what is no regular file; a fault of the program's own is one line.</summary>
public sealed class OutputGuardTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public OutputGuardTests() => folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));

    public static TheoryData<string> Spellings => ["itself", "symbolic link", "hard link", "folder link", "dots"];

    public void Dispose() => folder.Dispose();

    /// <summary>A configuration that is converted into itself is gone.</summary>
    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_model_is_not_converted_into_itself(string spelling)
    {
        string config = folder.Write("config.json", PublishedConfigs.Llama);
        string output = Spelt(config, spelling);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "convert", config, "-o", output);
        Assert.Equal(2, outcome.ExitCode);
        string found = spelling == "itself" ? "an input" : $"{config}, an input";
        Assert.Equal($"error: {output}: cannot be written: found {found} of the same command; expected another file", outcome.Error.Trim());
        Assert.Equal(PublishedConfigs.Llama, File.ReadAllText(config));
    }

    [Fact]
    public void A_table_is_not_predicted_into_itself_and_two_options_name_two_files()
    {
        using ServingFiles files = new();
        const string Table = "model_path,system,backend,isl,osl,silicon_tpot_ms\nowner/Toy-1B,Timed_SXM,trtllm,100,10,5\n";
        FastSimProgram.Outcome own = files.Run("predict", Table, "-q");
        Assert.Equal(0, own.ExitCode);
        foreach (string target in new[] { files.PathOf("table.csv"), files.PathOf("models", "owner--Toy-1B.json"), files.PathOf("systems", "Timed_SXM.json") })
        {
            byte[] before = File.ReadAllBytes(target);
            FastSimProgram.Outcome outcome = FastSimProgram.Run(
                "predict", "-t", files.PathOf("table.csv"), "-o", target, "--models", files.PathOf("models"), "--systems", files.PathOf("systems"), "-q");
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains("an input of the same command", outcome.Error, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(target));
        }

        FastSimProgram.Outcome twice = files.Run("validate", Table, "-q", "--plot", files.PathOf("out.csv"));
        Assert.Equal(2, twice.ExitCode);
        Assert.Equal($"error: --plot: found {files.PathOf("out.csv")}, which another option names; expected a file of its own", twice.Error.Trim());
    }

    [Fact]
    public void Measured_operators_are_not_calibrated_over_but_a_system_may_be()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        string operators = files.PathOf("gemm_perf.parquet");
        string system = files.PathOf("system.json");
        File.Copy(files.TimedChip, system);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("calibrate", "--ops", operators, "--system", system, "-o", operators, "-q");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(0, FastSimProgram.Run("calibrate", "--ops", operators, "--system", system, "-o", system, "-q").ExitCode);
    }

    /// <summary>A sweep writes, and removes, under names of its own in its folder: none may be what it reads.</summary>
    [Theory]
    [InlineData("report.html")]
    [InlineData("best.csv")]
    [InlineData("pareto.csv")]
    [InlineData("envelope.csv")]
    [InlineData("rows.csv")]
    [InlineData("sweep_result.partial")]
    [InlineData("sweep.lock")]
    [InlineData("plots/a.svg")]
    public void A_sweep_does_not_write_over_its_model(string name)
    {
        Directory.CreateDirectory(folder.PathOf("plots"));
        File.Move(folder.PathOf("dense.json"), folder.PathOf(name));
        byte[] before = File.ReadAllBytes(folder.PathOf(name));
        folder.Write("fusion.json", File.ReadAllText(folder.PathOf("fusion.json")).Replace("\"dense.json\", \"experts.json\"", $"\"{name}\"", StringComparison.Ordinal));
        folder.Write("sweep.json", """{"runtime": "fusion.json", "output": "o", "result": "rows.csv", "axes": [{"path": "system.mem1.GiB", "values": [1, 2]}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.Root);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("an input of the same command", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder.PathOf(name)));
    }

    [Fact]
    public void A_run_does_not_write_over_its_model()
    {
        File.Move(folder.PathOf("dense.json"), folder.PathOf("pd-fusion_result_best.csv.gz"));
        folder.Write(
            "fusion.json",
            File.ReadAllText(folder.PathOf("fusion.json")).Replace("\"dense.json\", \"experts.json\"", "\"pd-fusion_result_best.csv.gz\"", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.Root);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("an input of the same command", outcome.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.PathOf("pd-fusion_result_best.csv.gz")));
    }

    /// <summary>A rename over a device's name would take its place; a pipe stands for one here.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_written_over_a_pipe(bool byLink)
    {
        string config = folder.Write("config.json", PublishedConfigs.Llama);
        string pipe = folder.PathOf("pipe");
        using (Process make = Process.Start("mkfifo", pipe))
        {
            make.WaitForExit();
        }

        string output = byLink ? folder.PathOf("link") : pipe;
        if (byLink)
        {
            File.CreateSymbolicLink(output, pipe);
        }

        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "convert", config, "-o", output);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal($"error: {output}: cannot be written: found a pipe; expected a new file, or a regular one to take the place of", outcome.Error.Trim());
        Assert.Equal(byLink ? pipe : null, new FileInfo(output).LinkTarget);
    }

    [Fact]
    public void What_a_link_leads_to_is_written_and_the_link_stays()
    {
        string config = folder.Write("config.json", PublishedConfigs.Llama);
        string target = folder.Write("target.json", "old");
        string link = folder.PathOf("link.json");
        File.CreateSymbolicLink(link, target);
        Assert.Equal(0, FastSimProgram.Run("model", "convert", config, "-o", link).ExitCode);
        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.Contains("\"hidden\"", File.ReadAllText(target), StringComparison.Ordinal);
    }

    /// <summary>Text that a spreadsheet would run has an apostrophe before it; numbers below 0 stay numbers.</summary>
    [Fact]
    public void Text_that_looks_like_a_formula_is_text_in_every_table()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run(
            "predict", "model_path,system,backend,isl,osl,note,=x\nowner/Toy-1B,Timed_SXM,trtllm,100,10,-5,@y\n=1+1,Timed_SXM,trtllm,100,10,+z,-1e3\n", "-q");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        Assert.Equal(("note", "'=x"), (table.Header[5], table.Header[6]));
        Assert.Equal(("-5", "'@y"), (table.Rows[0][5], table.Rows[0][6]));
        Assert.Equal(("'=1+1", "'+z", "-1e3"), (table.Rows[1][0], table.Rows[1][5], table.Rows[1][6]));

        folder.Write("dense.json", File.ReadAllText(folder.PathOf("dense.json")).Replace("tiny-dense", "=HYPERLINK(1)", StringComparison.Ordinal));
        Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")).ExitCode);
        Assert.Equal("'=HYPERLINK(1)", CsvTable.Load(folder.PathOf("out", "pd-fusion_result_best.csv")).Field("model_name")[0]);
    }

    /// <summary>Whatever goes wrong inside, a user sees one line and an exit code that says whose fault it is.</summary>
    [Fact]
    public void A_fault_of_the_program_is_one_line_and_its_own_exit_code()
    {
        using BrokenWriter output = new();
        using StringWriter error = new();
        int code = CommandLine.Invoke(["model", "show", folder.PathOf("dense.json")], new Terminal(output, error, isInteractive: false));
        Assert.Equal(70, code);
        string line = error.ToString().Trim().Split('\n')[^1];
        Assert.StartsWith("error: a fault of FastSim's own: InvalidOperationException: broken on two lines at FastSim.", line, StringComparison.Ordinal);
        Assert.EndsWith("please report this line and the input, as README.md (Reporting faults) says", line, StringComparison.Ordinal);
    }

    /// <summary>With a stream closed by the shell, its number goes to a pipe of the runtime's own: nothing may be written there.</summary>
    [Theory]
    [InlineData(">&-", 2)]
    [InlineData("2>&-", 0)]
    [InlineData(">&- 2>&-", 2)]
    [InlineData(">&- 2>&- <&-", 2)]
    public void A_closed_stream_is_no_fault(string closing, int expected)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("the shell's way to close a stream is asked of Linux alone");
        }

        string program = Path.Combine(AppContext.BaseDirectory, "fastsim.dll");
        using Process shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", $"dotnet '{program}' model show '{folder.PathOf("dense.json")}' {closing}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string error = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(expected, shell.ExitCode);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        if (closing == ">&-")
        {
            Assert.Contains("error: the output stream cannot be written: it is closed", error, StringComparison.Ordinal);
        }
    }

    private string Spelt(string path, string spelling)
    {
        string name = Path.GetFileName(path);
        switch (spelling)
        {
            case "symbolic link":
                File.CreateSymbolicLink(folder.PathOf("other.json"), path);
                return folder.PathOf("other.json");
            case "hard link":
                using (Process link = Process.Start("ln", [path, folder.PathOf("other.json")]))
                {
                    link.WaitForExit();
                }

                return folder.PathOf("other.json");
            case "folder link":
                Directory.CreateSymbolicLink(folder.PathOf("elsewhere"), folder.Root);
                return folder.PathOf("elsewhere", name);
            case "dots":
                Directory.CreateDirectory(folder.PathOf("within"));
                return $"{folder.PathOf("within")}/../{name}";
            default:
                return path;
        }
    }

    private sealed class BrokenWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new InvalidOperationException("broken on\ntwo lines");
    }
}
