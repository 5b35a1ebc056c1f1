namespace FastSim.Cli.Launching;

/// <summary>What launch files are asked to say beyond a plan; what is not stated follows from the plan.</summary>
public sealed record LaunchRequest
{
    /// <summary>Engines to write for.</summary>
    public IReadOnlyList<string> Engines { get; init; } = Search.Plans.EngineLayouts.Known;

    /// <summary>Hugging Face identifier or path that engines load; null takes the model's name.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// Quantization that vLLM and SGLang do to a 16-bit checkpoint as they load it (<c>fp8</c>), empty for none; null takes fp8 where the plan's weights
    /// have 8 bits and nothing says that the checkpoint has them.
    /// </summary>
    public string? Quantization { get; init; }

    /// <summary>Longest prompt and answer together, tokens; null takes the job's.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Port that clients ask; those of instances behind it and their own follow.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>Cards of a server; null takes the chip's.</summary>
    public int? ServerCards { get; init; }
}
