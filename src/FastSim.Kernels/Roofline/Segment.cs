using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>A run of a program's operators that share a part, a rate and a repeat count.</summary>
/// <param name="Start">First operator.</param>
/// <param name="End">One past the last.</param>
/// <param name="Rate">Rate of their FLOP.</param>
/// <param name="Repeats">Times the stage runs each.</param>
/// <param name="ReadsIfReached">Whether some read expert weights only as tokens reach them.</param>
/// <param name="HasComputeSteps">Whether the rate's efficiency depends on the operator.</param>
/// <param name="StepsByShape">Whether it depends on the product's rows; otherwise on FLOP.</param>
/// <param name="StepsFall">Whether thresholds of the rate's efficiency fall from step to step.</param>
/// <param name="HasMemorySteps">Whether the memory's efficiency depends on the operator.</param>
/// <param name="IsPlain">Whether none of these holds: a time is just the longer of two affine functions.</param>
internal readonly record struct Segment(
    int Start,
    int End,
    OperatorRate Rate,
    double Repeats,
    bool ReadsIfReached,
    bool HasComputeSteps,
    bool StepsByShape,
    bool StepsFall,
    bool HasMemorySteps,
    bool IsPlain);

/// <summary>What a link of an exchange begins. Ways are faster or slower, legs work at the same time, phases one after another, and of routes the fastest counts.</summary>
internal enum LinkStart
{
    /// <summary>A leg of the phase at hand, or the exchange itself.</summary>
    Leg,

    /// <summary>A further way of the leg at hand.</summary>
    Way,

    /// <summary>A further phase of the route at hand.</summary>
    Phase,

    /// <summary>A further route.</summary>
    Route,
}

/// <summary>An exchange of a program, several times.</summary>
/// <param name="FirstLink">First of its links.</param>
/// <param name="EndLink">One past the last.</param>
/// <param name="ExposedRepeats">Times the stage makes it, of which the exposed share.</param>
/// <param name="HiddenRepeats">Times the stage makes it, of which the hidden share.</param>
/// <param name="SlowdownRepeats">Times the stage makes it, of which the hidden share, in seconds of compute lost per hidden second.</param>
/// <param name="SlowdownRate">Seconds of compute lost per hidden second: <c>usage/(1-usage)</c>.</param>
/// <param name="HasRoutes">Whether it may go over two levels, too.</param>
internal readonly record struct ExchangeTerm(
    int FirstLink, int EndLink, double ExposedRepeats, double HiddenRepeats, double SlowdownRepeats, double SlowdownRate, bool HasRoutes);

/// <summary>What an exchange sends over one tier.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Hops">Hops in sequence.</param>
/// <param name="Message">Bytes of the message.</param>
/// <param name="WireScale">Bytes on the wire, over the bytes of the message and under the size of the group.</param>
/// <param name="GroupSize">Ranks of the group.</param>
/// <param name="Wire">Bytes on the wire, rounded otherwise: for sizes that no table is asked about. By an algorithm, its load.</param>
/// <param name="InverseEfficiency">One over the group's efficiency, and the size's where that is flat.</param>
/// <param name="FirstStep">First step of the size efficiency.</param>
/// <param name="StepCount">Its steps; 0 where it is flat.</param>
/// <param name="Own">Seconds beside hops and link, a message.</param>
/// <param name="IsByAlgorithm">Whether an algorithm's load stands in <paramref name="Wire"/>, and a table is asked about other bytes.</param>
/// <param name="Start">What it begins.</param>
internal readonly record struct LinkTerm(
    int Tier,
    double Hops,
    AffineInBatch Message,
    double WireScale,
    double GroupSize,
    AffineInBatch Wire,
    double InverseEfficiency,
    int FirstStep,
    int StepCount,
    AffineInBatch Own,
    bool IsByAlgorithm,
    LinkStart Start);
