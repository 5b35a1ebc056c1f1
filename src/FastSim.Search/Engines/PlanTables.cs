using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Search.Engines;

/// <summary>Operator tables of plans that are looked at and let go, overwritten by the next: one a phase. Serves one thread.</summary>
public sealed class PlanTables
{
    /// <summary>Whether plans that are made learn only what bounds their times; their times they learn when they are refreshed for a chip.</summary>
    public bool LearnsLater { get; init; }

    private OperatorTable? prefill;
    private OperatorTable? decode;

    /// <summary>Lowers a shape into the phase's table.</summary>
    public OperatorTable Lower(DeploymentShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ref OperatorTable? table = ref shape.Phase == Phase.Prefill ? ref prefill : ref decode;
        if (table is null)
        {
            table = StageLowering.Lower(shape);
        }
        else
        {
            StageLowering.Lower(shape, table);
        }

        return table;
    }
}
