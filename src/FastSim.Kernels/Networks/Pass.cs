namespace FastSim.Kernels.Networks;

/// <summary>What a pattern of messages takes on a network, as multiples of what its caller counts in.</summary>
/// <param name="Hops">Hops in sequence.</param>
/// <param name="Steps">Steps in sequence, each of which is started.</param>
/// <param name="Load">
/// Bytes over the busiest link, for a byte of what is counted, over the share of a card's bandwidth that the link has: time is this times bytes over the card's bandwidth.
/// </param>
internal readonly record struct Pass(double Hops, double Steps, double Load);
