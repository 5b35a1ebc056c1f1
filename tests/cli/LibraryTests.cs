using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Cli.Library;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A program that asks in process hears what the command line says, and no file is written (docs/library.md).</summary>
public sealed class LibraryTests
{
    private static readonly string Sample = Repository.PathOf("data", "runtimes", "sample.json");
    private static readonly string Inputs = Repository.PathOf("tests", "cli", "inputs");

    [Fact]
    public void A_run_in_process_answers_as_the_command_does_and_writes_nothing()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", Sample, "-o", folder.Root, "--json", "-q");
        SessionAnswer answer = new Session().Solve(Request(["run", "-c", "runtime", "--json", "-q"], ("runtime", SampleRuntime())));
        Assert.Equal((0, 0), (outcome.ExitCode, answer.ExitCode));
        JsonNode expected = Jobs(outcome.Output);
        Assert.Equal(2, expected.AsArray().Count);
        Assert.True(JsonNode.DeepEquals(expected, Jobs(answer.Text)));
        Assert.Null(JsonNode.Parse(answer.Text)!["modes"]![0]!["resultFile"]);
        Assert.False(Directory.Exists("outputs"));
    }

    [Fact]
    public void Models_and_systems_may_stand_in_the_runtime_itself()
    {
        JsonNode runtime = SampleRuntime();
        JsonNode mode = runtime["pd-split-request-optimal"]!;
        mode["model_list"]![0] = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "models", "deepseek_v3_flash_mla_absorb.json")));
        string chip = Repository.PathOf("data", "systems", "SOW-U1-POR.json");
        mode["sys_list"]![0]![0] = JsonNode.Parse(File.ReadAllText(chip));
        mode["sys_list"]![0]![1] = new JsonObject { ["extends"] = chip, ["name"] = "SOW-U1-POR" };
        Session session = new();
        JsonNode named = Jobs(session.Solve(Request(["run", "-c", "runtime", "--json"], ("runtime", SampleRuntime()))).Text);
        Assert.True(JsonNode.DeepEquals(named, Jobs(session.Solve(Request(["run", "-c", "runtime", "--json"], ("runtime", runtime))).Text)));

        // The same runtime as a file of its own, and a sweep over a system that stands in it.
        using TemporaryFolder folder = new();
        folder.Write("runtime.json", runtime.ToJsonString());
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("runtime.json"), "-o", folder.PathOf("out"), "--json", "-q");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.True(JsonNode.DeepEquals(named, Jobs(outcome.Output)));
    }

    /// <summary>A chip that changes from question to question is read each time, and its file again when it changes.</summary>
    [Fact]
    public void What_is_kept_between_questions_follows_what_changed()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "fusion.json", "dense.json", "experts.json", "chip.json" })
        {
            File.Copy(Path.Combine(Inputs, name), folder.PathOf(name));
        }

        Session session = new();
        string request = Request(["run", "-c", folder.PathOf("fusion.json"), "--json"]);
        double Throughput() => Jobs(session.Solve(request).Text)[0]!["decode"]!["tokensPerSecond"]!.GetValue<double>();
        double first = Throughput();
        Assert.Equal(first, Throughput());
        JsonNode chip = JsonNode.Parse(File.ReadAllText(folder.PathOf("chip.json")), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        chip["mem1"]!["GBps"] = 2 * chip["mem1"]!["GBps"]!.GetValue<double>();
        folder.Write("chip.json", chip.ToJsonString());
        Assert.True(Throughput() > first);
    }

    /// <summary>A file that was not there may come; one of the same length and time may take another's place.</summary>
    [Fact]
    public void What_is_kept_follows_files_that_come_and_take_places()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Inputs, "chip.json"), folder.PathOf("chip.json"));
        folder.Write("config.json", PublishedConfigs.Llama);
        JsonNode runtime = JsonNode.Parse(File.ReadAllText(Path.Combine(Inputs, "fusion.json")), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        runtime["pd-fusion"]!["model_list"] = new JsonArray("config.json");
        runtime["pd-fusion"]!["accounting"] = "physical";
        runtime["pd-fusion"]!["wac_bytes_list"] = new JsonArray(new JsonArray(1, 2, 2, 2));
        static string Section(string spared) => $$"""{ "producer": { "name": "modelopt" }, "quantization": { "quant_algo": "FP8", "exclude_modules": ["lm_head", "{{spared}}"] } }""";
        Session session = new();
        string request = Request(["run", "-c", folder.Write("runtime.json", runtime.ToJsonString()), "--json"]);
        double Throughput() => Jobs(session.Solve(request).Text)[0]!["decode"]!["tokensPerSecond"]!.GetValue<double>();
        double plain = Throughput();
        folder.Write("hf_quant_config.json", Section("*mlp*"));
        double quantized = Throughput();
        Assert.NotEqual(plain, quantized);
        DateTime written = File.GetLastWriteTimeUtc(folder.PathOf("hf_quant_config.json"));
        string other = folder.Write("other.json", Section("*abc*"));
        File.SetLastWriteTimeUtc(other, written);
        File.Move(other, folder.PathOf("hf_quant_config.json"), overwrite: true);
        Assert.NotEqual(quantized, Throughput());
        File.Delete(folder.PathOf("hf_quant_config.json"));
        Assert.Equal(plain, Throughput());
    }

    /// <summary>Messages are the command line's own, but for the name that the document was given.</summary>
    [Theory]
    [InlineData("model_list", """["dens.json"]""")]
    [InlineData("num_procs_list", "[0]")]
    [InlineData("objectiv", "\"cost\"")]
    [InlineData("sys_list", """[{"name": "x"}]""")]
    [InlineData("sys_list", """[{"extends": "no-such.json"}]""")]
    [InlineData("sys_list", """[17]""")]
    public void A_fault_has_the_message_of_the_command_line(string key, string value)
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "dense.json", "experts.json", "chip.json" })
        {
            File.Copy(Path.Combine(Inputs, name), folder.PathOf(name));
        }

        JsonNode runtime = JsonNode.Parse(File.ReadAllText(Path.Combine(Inputs, "fusion.json")))!;
        runtime["pd-fusion"]![key] = JsonNode.Parse(value);
        string file = folder.PathOf("fusion.json");
        File.WriteAllText(file, runtime.ToJsonString());
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", file, "-o", folder.PathOf("out"), "--json", "-q");
        // The document goes by the name of the file: what it names lies beside it.
        SessionAnswer answer = new Session().Solve(Request(["run", "-c", file, "--json", "-q"], (file, runtime)));
        Assert.Equal((2, 2), (outcome.ExitCode, answer.ExitCode));
        Assert.Equal(outcome.Error.TrimEnd('\n'), $"error: {JsonNode.Parse(answer.Text)!["error"]}");
    }

    [Fact]
    public void Faults_of_a_request_are_told()
    {
        (string Request, string Message)[] faults =
        [
            ("{", "request: line 1, byte 2: found text that is not JSON; "),
            ("[]", "request: $: found []; expected a question: an object with arguments and documents"),
            ("""{"arguments": []}""", "request: arguments: found []; expected the words of a command: a list of texts"),
            ("""{"arguments": ["run", 1]}""", "request: arguments[1]: found 1; expected a word of a command: a text"),
            ("""{"argument": ["run"]}""", "request: argument: found an unknown key; expected a key of this format; did you mean \"arguments\"?"),
            ("""{"arguments": ["rum"]}""", "Unrecognized command or argument 'rum'. Did you mean 'run'?"),
            ("""{"arguments": ["run", "-c", "runtime", "--front"], "documents": {"runtime": """ + SampleRuntime().ToJsonString() + "}}", "--front: found no --output; expected the folder of the results"),
        ];
        Assert.All(faults, fault =>
        {
            SessionAnswer answer = new Session().Solve(fault.Request);
            Assert.Equal(2, answer.ExitCode);
            Assert.StartsWith(fault.Message, JsonNode.Parse(answer.Text)!["error"]!.GetValue<string>(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_plan_takes_a_model_and_a_chip_that_are_given()
    {
        string[] words = ["--cards", "8", "--in", "1000", "--out", "200", "--ttft", "2000", "--tpot", "30", "--json", "--top", "1"];
        string model = Repository.PathOf("examples", "published", "models", "qwen3_30b_a3b.json");
        string chip = Repository.PathOf("data", "systems", "H100_SXM.json");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(["plan", model, "--chip", chip, .. words]);
        SessionAnswer answer = new Session().Solve(Request(
            ["plan", "model", "--chip", "chip.json", .. words],
            ("model", JsonNode.Parse(File.ReadAllText(model))!),
            ("chip.json", JsonNode.Parse(File.ReadAllText(chip))!)));
        Assert.Equal((0, 0), (outcome.ExitCode, answer.ExitCode));
        Assert.True(JsonNode.DeepEquals(Best(outcome.Output), Best(answer.Text)));
    }

    [Fact]
    public void A_sweep_in_process_has_the_rows_of_the_command()
    {
        using TemporaryFolder folder = new();
        string sweep = Repository.PathOf("examples", "hbm-for-long-context.json");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", sweep, "-o", folder.Root, "-q");
        JsonNode given = JsonNode.Parse(File.ReadAllText(sweep))!;
        given["runtime"] = Repository.PathOf("examples", "hbm-for-long-context.runtime.json");
        given.AsObject().Remove("output");
        SessionAnswer answer = new Session().Solve(Request(["sweep", "-c", "sweep", "--json"], ("sweep", given)));
        Assert.Equal((0, 0), (outcome.ExitCode, answer.ExitCode));
        Assert.Equal(File.ReadAllText(folder.PathOf("sweep_result.csv")), JsonNode.Parse(answer.Text)!["csv"]!.GetValue<string>());
    }

    [Fact]
    public void Threads_share_a_session()
    {
        Session session = new();
        string request = Request(["run", "-c", "runtime", "--json", "--threads", "1"], ("runtime", SampleRuntime()));
        string expected = Jobs(session.Solve(request).Text).ToJsonString();
        Assert.All(
            Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(4).Select(_ => Jobs(session.Solve(request).Text).ToJsonString()).ToArray(),
            answer => Assert.Equal(expected, answer));
    }

    private static JsonNode SampleRuntime()
    {
        JsonNode runtime = JsonNode.Parse(File.ReadAllText(Sample))!;
        JsonNode mode = runtime["pd-split-request-optimal"]!;
        mode.AsObject().Remove("output");
        for (int model = 0; model < 2; model++)
        {
            mode["model_list"]![model] = Path.GetFullPath(mode["model_list"]![model]!.GetValue<string>(), Path.GetDirectoryName(Sample)!);
            mode["sys_list"]![0]![model] = Path.GetFullPath(mode["sys_list"]![0]![model]!.GetValue<string>(), Path.GetDirectoryName(Sample)!);
        }

        return runtime;
    }

    private static JsonNode Jobs(string summary) => JsonNode.Parse(summary)!["modes"]![0]!["jobs"]!;

    private static JsonNode Best(string plan) => JsonNode.Parse(plan)!["chips"]![0]!["best"]!;

    private static string Request(string[] arguments, params (string Name, JsonNode Document)[] documents) => new JsonObject
    {
        ["arguments"] = new JsonArray([.. arguments.Select(word => JsonValue.Create(word))]),
        ["documents"] = new JsonObject(documents.Select(each => KeyValuePair.Create<string, JsonNode?>(each.Name, each.Document.DeepClone()))),
    }.ToJsonString();
}
