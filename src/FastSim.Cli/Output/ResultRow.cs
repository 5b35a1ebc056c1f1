namespace FastSim.Cli.Output;

/// <summary>One row of a result table: a field and its value for every job.</summary>
/// <param name="Category">Category of the second form.</param>
/// <param name="Field">Name of the field.</param>
/// <param name="Values">One value a job; empty where it has none.</param>
public sealed record ResultRow(string Category, string Field, IReadOnlyList<string> Values);
