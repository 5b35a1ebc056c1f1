using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>One mode of a runtime file: its jobs, and where their results go.</summary>
/// <param name="Mode">Split or fusion.</param>
/// <param name="Jobs">The jobs, in the order of their columns.</param>
/// <param name="OutputFolder">Folder of the results, relative to the working directory.</param>
/// <param name="Form">Form of the tables.</param>
/// <param name="Compressed">Whether tables are gzipped.</param>
public sealed record ModeRun(ServingMode Mode, IReadOnlyList<Job> Jobs, string OutputFolder, OutputForm Form, bool Compressed)
{
    /// <summary>The mode's name in runtime files and result names.</summary>
    public string Name => RuntimeFile.NameOf(Mode);
}
