using FastSim.Kernels.Stages;

namespace FastSim.Cli.Configuration;

/// <summary>Reads <c>engine</c>: an engine by name, or a record of one that says what it has otherwise.</summary>
internal static class ServingEngineReader
{
    /// <summary>Reads an engine.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ServingEngine Read(JsonValue value) => value.Word("an engine", ServingEngine.All);
}
