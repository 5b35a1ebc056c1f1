using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>What an engine's expert kernels save that leave out experts which no token reached, of what measured ones take for them (docs/validation.md, "Engines").</summary>
internal static class IdleExperts
{
    /// <summary>What an expert takes that is left out, microseconds.</summary>
    private const double LeftOutMicroseconds = 0.05;

    /// <summary>Microseconds that are saved of a layer.</summary>
    /// <param name="shape">The layer.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="hasFourBitUnits">Whether the chip computes in 4 bits, and so runs kernels of another kind.</param>
    /// <param name="perExpertMicroseconds">What an expert takes in the kernel that was measured.</param>
    public static double SavedMicroseconds(in OperatorShape shape, ServingEngine engine, bool hasFourBitUnits, double perExpertMicroseconds) =>
        shape.Kind == NumberKind.EightBitBlock && !hasFourBitUnits && !engine.VisitsIdleExperts
            ? Math.Max(0, perExpertMicroseconds - LeftOutMicroseconds) * Math.Max(1, shape.Experts / shape.ExpertRanks)
            : 0;
}
