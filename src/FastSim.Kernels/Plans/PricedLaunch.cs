using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Plans;

/// <summary>A launch of a step and what priced it.</summary>
/// <param name="Name">Its operator.</param>
/// <param name="Part">What its time counts as.</param>
/// <param name="Shape">What measured kernels go by; null where no measured family has it.</param>
/// <param name="Clock">What priced it.</param>
/// <param name="Microseconds">Time of all its repeats.</param>
public readonly record struct PricedLaunch(string Name, StepPart Part, OperatorShape? Shape, ClockKind Clock, double Microseconds);
