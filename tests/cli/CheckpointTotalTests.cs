using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>
/// Totals of checkpoints as their repositories state them, to the weight, from the fields that decide about them. Of a model that sees
/// the language model is meant.
/// </summary>
public sealed class CheckpointTotalTests
{
    [Theory]

    // GPT-NeoX-20B.
    [InlineData("\"model_type\": \"gpt_neox\", \"hidden_size\": 6144, \"num_hidden_layers\": 44, \"num_attention_heads\": 64, \"intermediate_size\": 24576, \"vocab_size\": 50432", 20_554_567_680)]

    // Falcon-40B.
    [InlineData("\"model_type\": \"falcon\", \"hidden_size\": 8192, \"num_hidden_layers\": 60, \"num_attention_heads\": 128, \"num_kv_heads\": 8, \"new_decoder_architecture\": true, \"vocab_size\": 65024", 41_303_293_952)]

    // Phi-2.
    [InlineData("\"model_type\": \"phi\", \"hidden_size\": 2560, \"num_hidden_layers\": 32, \"num_attention_heads\": 32, \"intermediate_size\": 10240, \"vocab_size\": 51200", 2_779_683_840)]

    // Command R.
    [InlineData("\"model_type\": \"cohere\", \"hidden_size\": 8192, \"num_hidden_layers\": 40, \"num_attention_heads\": 64, \"intermediate_size\": 22528, \"vocab_size\": 256000", 34_980_831_232)]

    // Qwen2.5-VL-7B: that of Qwen2.5-7B.
    [InlineData("\"model_type\": \"qwen2_5_vl\", \"hidden_size\": 3584, \"num_hidden_layers\": 28, \"num_attention_heads\": 28, \"num_key_value_heads\": 4, \"intermediate_size\": 18944, \"vocab_size\": 152064", 7_615_616_512)]

    // GLM-4.1V-9B: that of GLM-4-9B-0414.
    [InlineData("\"model_type\": \"glm4v\", \"text_config\": { \"hidden_size\": 4096, \"num_hidden_layers\": 40, \"num_attention_heads\": 32, \"num_key_value_heads\": 2, \"intermediate_size\": 13696, \"vocab_size\": 151552 }", 9_400_279_040)]

    // Phi-3.5-MoE.
    [InlineData("\"model_type\": \"phimoe\", \"attention_bias\": true, \"lm_head_bias\": true, \"hidden_size\": 4096, \"num_hidden_layers\": 32, \"num_attention_heads\": 32, \"num_key_value_heads\": 8, \"num_local_experts\": 16, \"num_experts_per_tok\": 2, \"intermediate_size\": 6400, \"vocab_size\": 32064", 41_873_153_344)]

    // Ministral-8B.
    [InlineData("\"model_type\": \"ministral\", \"hidden_size\": 4096, \"num_hidden_layers\": 36, \"num_attention_heads\": 32, \"num_key_value_heads\": 8, \"head_dim\": 128, \"intermediate_size\": 12288, \"vocab_size\": 131072", 8_019_808_256)]

    // InternLM2-7B.
    [InlineData("\"model_type\": \"internlm2\", \"bias\": false, \"hidden_size\": 4096, \"num_hidden_layers\": 32, \"num_attention_heads\": 32, \"num_key_value_heads\": 8, \"intermediate_size\": 14336, \"vocab_size\": 92544", 7_737_708_544)]

    // MiniCPM-2B.
    [InlineData("\"model_type\": \"minicpm\", \"hidden_size\": 2304, \"num_hidden_layers\": 40, \"num_attention_heads\": 36, \"intermediate_size\": 5760, \"vocab_size\": 122753", 2_724_880_896)]
    public void A_checkpoint_has_as_many_weights_as_its_repository_states(string fields, long total)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show($"{{ {fields} }}");
        string[] lines = outcome.Output.Split('\n');
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"parameters total    {total / 1e9:0.000} billion ({total:N0})"), lines);
    }
}
