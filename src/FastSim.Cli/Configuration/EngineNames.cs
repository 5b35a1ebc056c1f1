using System.Diagnostics.CodeAnalysis;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Configuration;

/// <summary>Engines by the names that they are known by: whatever the case, and TensorRT-LLM by its own name.</summary>
internal static class EngineNames
{
    private const string TensorRt = "trtllm";

    /// <summary>Marks that names are written with or without.</summary>
    private static readonly char[] Marks = ['-', '_', ' '];

    /// <summary>The word of an engine that a name stands for; the name itself where it stands for none.</summary>
    /// <param name="name">The name as it is written.</param>
    public static string WordOf(string name)
    {
        if (ServingEngine.All.ContainsKey(name))
        {
            return name;
        }

        string plain = string.Concat(name.Split(Marks)).ToLowerInvariant();
        plain = plain is "tensorrtllm" or "tensorrt" ? TensorRt : plain;
        return ServingEngine.All.ContainsKey(plain) ? plain : name;
    }

    /// <summary>The engine that a name stands for.</summary>
    /// <param name="name">The name as it is written.</param>
    /// <param name="engine">The engine.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out ServingEngine? engine) => ServingEngine.All.TryGetValue(WordOf(name), out engine);
}
