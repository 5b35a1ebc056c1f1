using FastSim.Kernels.Clocks;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>What the command line says over the runtime file; null leaves the file's word.</summary>
/// <param name="OutputFolder">Folder of the results.</param>
/// <param name="Form">Form of the tables.</param>
/// <param name="Compressed">Whether tables are gzipped.</param>
/// <param name="Accounting">Seed or physical accounting.</param>
/// <param name="EfficiencyModel">File of a learned efficiency.</param>
/// <param name="Models">Where learned efficiencies are read.</param>
/// <param name="BeyondContext">Whether to answer for contexts that a model's positions do not reach.</param>
public sealed record RuntimeOverrides(
    string? OutputFolder, OutputForm? Form, bool? Compressed, Accounting? Accounting, string? EfficiencyModel, EfficiencyModels Models, bool BeyondContext = false)
{
    /// <summary>What prices an engine's launches, the first choice first; null leaves the file's word.</summary>
    public IReadOnlyList<ClockKind>? Timing { get; init; }

    /// <summary>What the best is best in; null leaves the file's word.</summary>
    public PlanObjective? Objective { get; init; }

    /// <summary>The same where no file is written: a runtime need not say where results would go.</summary>
    internal RuntimeOverrides WithoutFiles => OutputFolder is null ? this with { OutputFolder = "." } : this;

    /// <summary>The file has the last word.</summary>
    public static RuntimeOverrides None => new(null, null, null, null, null, new EfficiencyModels());
}
