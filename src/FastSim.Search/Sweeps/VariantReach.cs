namespace FastSim.Search.Sweeps;

/// <summary>
/// What no chip that is worse in every number (<see cref="ChipLaws"/>) exceeds: a chip's own best requests/s, and the most requests/s a card of any
/// split that it serves. Zero where it has no plan; then no worse chip has one.
/// </summary>
/// <param name="RequestsPerSecond">Requests/s.</param>
/// <param name="RequestsPerCardSecond">Requests/s a card; of several splits not the best one's alone, since a worse chip may choose another.</param>
public readonly record struct VariantReach(double RequestsPerSecond, double RequestsPerCardSecond);
