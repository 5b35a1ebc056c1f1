using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What contradicts itself, or asks for what cannot be, is said and not settled in silence.</summary>
public sealed class ContradictionTests
{
    [Fact]
    public void Two_sections_that_differ_are_refused()
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(With("""
            "quantization_config": { "quant_method": "fp8" }, "compression_config": { "quant_method": "gptq", "bits": 4, "group_size": 128 },
            """));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("compression_config: found an object; expected the same as quantization_config", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_bits_and_eight_at_once_are_refused()
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(With("""
            "quantization_config": { "quant_method": "bitsandbytes", "load_in_4bit": true, "load_in_8bit": true },
            """));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("expected one of load_in_4bit and load_in_8bit, not both", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>The configuration says 8 bits and the file beside it 4: the first counts, and the second is named.</summary>
    [Theory]
    [InlineData("NVFP4", true)]
    [InlineData("FP8", false)]
    public void A_file_beside_that_says_otherwise_is_named(string algorithm, bool isNamed)
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", With("""
            "quantization_config": { "quant_method": "modelopt", "quant_algo": "FP8" },
            """));
        folder.Write("hf_quant_config.json", $$"""{ "producer": { "name": "modelopt" }, "quantization": { "quant_algo": "{{algorithm}}" } }""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "show", folder.Root);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(isNamed, outcome.Error.Contains("hf_quant_config.json: not read, since quantization_config", StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_longer_than_the_models_positions_is_not_predicted()
    {
        using ServingFiles files = new();
        File.WriteAllText(files.PathOf("models", "owner--Short-1B.json"), PublishedConfigs.Llama.Replace(
            "\"vocab_size\": 10,", "\"vocab_size\": 10, \"max_position_embeddings\": 600,", StringComparison.Ordinal));
        Assert.Equal(0, files.Run("predict", "model_path,system,backend,isl,osl\nowner/Short-1B,timed_sxm,trtllm,512,128\nowner/Short-1B,timed_sxm,trtllm,472,128\n").ExitCode);
        Assert.Equal(
            ["impossible load: 640 tokens of a request where the model has positions for 600 (max_position_embeddings)", ""],
            files.Result().Rows.Select(row => row[files.Result().Header.ToList().IndexOf("not_covered")]));
    }

    [Theory]
    [InlineData("model_path,system,backend,isl,osl,isl\nowner/Toy-1B,timed_sxm,trtllm,512,128,1\n", "table.csv: header: found the column isl twice; expected each once\n")]
    [InlineData("model_path,system,backend,\"isl\",osl,isl\nowner/Toy-1B,timed_sxm,trtllm,512,128,1\n", "table.csv: header: found the column isl twice; expected each once\n")]
    [InlineData("model_path,system,backend,isl,osl,,\nowner/Toy-1B,timed_sxm,trtllm,512,128,1,2\n", "table.csv: header: found two columns without a name; expected each once\n")]
    public void A_column_that_stands_twice_is_named(string table, string message)
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", table);
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(message, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Quoted names may have commas, and parts of them in common.</summary>
    [Fact]
    public void A_quoted_header_is_read_as_it_is_quoted()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run("predict", "model_path,system,backend,isl,osl,\"a,x\",\"b,x\"\nowner/Toy-1B,timed_sxm,trtllm,512,128,1,2\n").ExitCode);
    }

    private static string With(string fields) =>
        PublishedConfigs.Llama.Replace("\"vocab_size\": 10,", $"\"vocab_size\": 10, {fields}", StringComparison.Ordinal);
}
