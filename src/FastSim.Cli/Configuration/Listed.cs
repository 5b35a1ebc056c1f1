using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>An item of a runtime's list and what it means.</summary>
internal readonly record struct Listed<T>(JsonValue Source, T Value);

/// <summary>The chips of a job; one and the same in fusion.</summary>
internal readonly record struct ChipPair(Chip Prefill, Chip Decode);
