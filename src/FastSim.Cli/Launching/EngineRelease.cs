namespace FastSim.Cli.Launching;

/// <summary>The release whose flags are written; the numbers and images are those of <c>data/engines</c>, to which a test holds them.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="Version">Release that the flags belong to.</param>
/// <param name="Image">Container image.</param>
internal sealed record EngineRelease(string Engine, string Title, string Version, string Image)
{
    /// <summary>vLLM.</summary>
    public static EngineRelease Vllm { get; } = new("vllm", "vLLM", "0.14", "vllm/vllm-openai:v0.21.0-ubuntu2404");

    /// <summary>SGLang.</summary>
    public static EngineRelease Sglang { get; } = new("sglang", "SGLang", "0.5.10", "lmsysorg/sglang:v0.5.12.post1-cu130-runtime");

    /// <summary>TensorRT-LLM.</summary>
    public static EngineRelease TensorRt { get; } = new("trtllm", "TensorRT-LLM", "1.2.0", "nvcr.io/nvidia/tensorrt-llm/release:1.3.0rc16");

    /// <summary>Variable that names another image.</summary>
    public string ImageVariable => $"{Engine.ToUpperInvariant()}_IMAGE";
}
