namespace FastSim.Cli.Optimising;

/// <summary>Steps of one axis that are given for some of another.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Other">The other.</param>
/// <param name="Back">Its steps.</param>
internal readonly record struct Exchange(int Axis, int Steps, int Other, int Back);
