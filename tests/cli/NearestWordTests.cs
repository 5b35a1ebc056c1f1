using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What stands in the place of something else is named as what it is, and a suggestion is what was meant.</summary>
public sealed class NearestWordTests
{
    [Theory]
    [InlineData("H100", "systems/H100_SXM.json")]
    [InlineData("B400", "systems/B300.json")]
    [InlineData("chips/MI355X.json", "systems/MI355X.json")]
    [InlineData("tpu_v6", "systems/TPU_v6e.json")]
    public void A_chip_without_a_file_gets_the_near_names_of_the_data(string name, string near)
    {
        using TemporaryFolder folder = Inputs();
        Directory.CreateDirectory(folder.PathOf("systems"));
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("data", "systems"), "*.json"))
        {
            File.Copy(file, folder.PathOf("systems", Path.GetFileName(file)));
        }

        string error = Run(folder, "fusion.json", "[\"chip.json\"]", $"[\"{name}\"]");
        Assert.Matches($"sys_list\\[0\\]: found \"{name}\"; expected the path of a system file, .*; there is no such file; did you mean \"[^\"]*{near}\"\\?\n$", error);
    }

    /// <summary>Chips as nvidia-smi, rocm-smi and users write them.</summary>
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", "H100_SXM")]
    [InlineData("NVIDIA H100 PCIe", "H100_SXM")]
    [InlineData("h100-sxm5-80gb", "H100_SXM")]
    [InlineData("h100_80gb", "H100_SXM")]
    [InlineData("8xH100", "H100_SXM")]
    [InlineData("8 x H100", "H100_SXM")]
    [InlineData("80GB H100", "H100_SXM")]
    [InlineData("NVIDIA A100-SXM4-80GB", "A100_SXM_80GB")]
    [InlineData("8xA100", "A100_SXM_80GB")]
    [InlineData("NVIDIA B200", "B200")]
    [InlineData("NVIDIA GB200", "GB200")]
    [InlineData("NVIDIA GH200 480GB", "H200_SXM")]
    [InlineData("NVIDIA L40S", "L40S")]
    [InlineData("AMD Instinct MI300X", "MI300X")]
    [InlineData("Ascend910B", "910B")]
    [InlineData("Ascend 910B3", "910B")]
    [InlineData("TPU v5e", "TPU_v5e")]
    [InlineData("Intel Arc Pro B60", "Arc_Pro_B60")]
    public void A_chip_by_its_vendors_name_gets_its_own(string name, string chip)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("plan", Repository.PathOf("data", "models", "llama_3_8b.json"), "--chip", name, "--cards", "2", "--in", "200", "--out", "4");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith($"; did you mean \"{chip}\"?\n", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NVIDIA GeForce RTX 4090")]
    [InlineData("gfx942")]
    public void A_chip_of_no_family_known_gets_none(string name)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("plan", Repository.PathOf("data", "models", "llama_3_8b.json"), "--chip", name, "--cards", "2", "--in", "200", "--out", "4");
        Assert.EndsWith("or the path of a system file\n", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bf16", "did you mean \"float16\"?")]
    [InlineData("fp16", "did you mean \"float16\"?")]
    [InlineData("half", "did you mean \"float16\"?")]
    [InlineData("fp8", "did you mean \"float8\"?")]
    [InlineData("e4m3", "did you mean \"float8\"?")]
    [InlineData("flaot8", "did you mean \"float8\"?")]
    [InlineData("int8", "float16, float8")]
    public void A_data_type_by_another_name_gets_the_chips_own(string word, string end)
    {
        using TemporaryFolder folder = Inputs();
        string error = Run(folder, "fusion.json", "[\"float16\", \"float16\", \"float16\"]", $"[\"{word}\", \"float16\", \"float16\"]");
        Assert.StartsWith($"error: {folder.PathOf("fusion.json")}: pd-fusion.flops_type_list[0][0]: found \"{word}\"; expected a matrix type of tiny-chip", error, StringComparison.Ordinal);
        Assert.EndsWith($"{end}\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chip_with_both_halves_gets_both_named()
    {
        using TemporaryFolder folder = Inputs();
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        folder.Write("chip.json", chip.Replace("\"matrix\": {", "\"matrix\": {\"bfloat16\": {\"tflops\": 10, \"calibration_coefficient\": 1, \"gflops_efficiency\": [[0, 1]]},", StringComparison.Ordinal));
        string error = Run(folder, "fusion.json", "[\"float16\", \"float16\", \"float16\"]", "[\"bf16\", \"float16\", \"float16\"]");
        Assert.EndsWith("did you mean \"bfloat16\" or \"float16\"?\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_names_the_data_type_that_a_path_means()
    {
        using SweepFiles files = new();
        Assert.EndsWith(
            "found no key fp8; did you mean \"float8\"?\n",
            files.Sweep("""{"path": "system.matrix.fp8.tflops", "values": [36]}""").Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "sweep.json", "found a sweep file; expected a runtime file; fastsim sweep -c reads it")]
    [InlineData("sweep", "fusion.json", "found a runtime file; expected a sweep file; fastsim run -c reads it")]
    [InlineData("merge", "fusion.json", "found a runtime file; expected a sweep file; fastsim run -c reads it")]
    [InlineData("run", "chip.json", "found a system file; expected a runtime file; a runtime names it in sys_list")]
    [InlineData("sweep", "dense.json", "found a model file; expected a sweep file; a runtime names it in model_list")]
    public void A_file_of_another_kind_is_named_as_such(string command, string file, string message)
    {
        using TemporaryFolder folder = Inputs();
        folder.Write("sweep.json", """{"runtime": "fusion.json", "output": "out", "axes": [{"path": "system.mem1.GiB", "values": [1]}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(command, "-c", folder.PathOf(file));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal($"error: {folder.PathOf(file)}: {message}\n", outcome.Error);
    }

    [Fact]
    public void Models_and_systems_in_each_others_place_are_named_as_such()
    {
        using TemporaryFolder folder = Inputs();
        Assert.EndsWith("dense.json: found a model file; expected a system file; a runtime names it in model_list\n", Run(folder, "fusion.json", "[\"chip.json\"]", "[\"dense.json\"]"), StringComparison.Ordinal);
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        Assert.EndsWith("chip.json: found a system file; expected a model file; a runtime names it in sys_list\n", Run(folder, "fusion.json", "[\"dense.json\", ", "[\"chip.json\", "), StringComparison.Ordinal);
        Assert.EndsWith("expected a system file; a runtime names it in model_list\n", FastSimProgram.Run("system", "show", folder.PathOf("dense.json")).Error, StringComparison.Ordinal);
        Assert.EndsWith("expected a model file; a runtime names it in sys_list\n", FastSimProgram.Run("model", "show", folder.PathOf("chip.json")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qwen3_next", false)]
    [InlineData("mllama", false)]
    [InlineData("llava", false)]
    [InlineData("gemma3n_text", false)]
    [InlineData("deepseek_v4", false)]
    [InlineData("mamba2", false)]
    [InlineData("DeepSeek-V3", true)]
    [InlineData("qwen3moe", true)]
    [InlineData("Llama", true)]
    public void An_architecture_is_suggested_only_where_it_is_the_same_one(string architecture, bool isSuggested)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("config.json", PublishedConfigs.Llama.Replace("\"llama\"", $"\"{architecture}\"", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "show", file);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(isSuggested, outcome.Error.Contains("did you mean", StringComparison.Ordinal));
    }

    [Fact]
    public void Fields_that_say_nothing_are_not_reported()
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(PublishedConfigs.Llama.Replace(
            "\"vocab_size\": 10", "\"vocab_size\": 10, \"task_params\": null, \"pruned_things\": {}, \"begin_words\": [], \"novel_mixing\": 1", StringComparison.Ordinal));
        Assert.Equal("warning: config.json: not used, since not known to change what the model costs: novel_mixing\n", outcome.Error);
    }

    private static string Run(TemporaryFolder folder, string file, string text, string replacement)
    {
        string content = File.ReadAllText(folder.PathOf(file));
        Assert.Contains(text, content, StringComparison.Ordinal);
        folder.Write(file, content.Replace(text, replacement, StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf(file), "-o", folder.PathOf("out"));
        Assert.Equal(2, outcome.ExitCode);
        return outcome.Error;
    }

    private static TemporaryFolder Inputs()
    {
        TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        return folder;
    }
}
