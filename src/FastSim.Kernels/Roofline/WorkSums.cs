using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>FLOP and bytes of the operators of a stage, in two groups: those whose compute takes longer than their memory, and the others.</summary>
internal sealed class WorkSums
{
    /// <summary>Groups: memory takes longer in the first, compute in the second.</summary>
    public const int Groups = 2;

    /// <summary>Rates of FLOP, one of each <see cref="OperatorRate"/>.</summary>
    public const int Rates = 3;

    private readonly AffineInBatch[] flops = new AffineInBatch[Groups * Rates];
    private readonly AffineInBatch[] bytes = new AffineInBatch[Groups];
    private readonly double[] activatedBytes = new double[Groups];

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether there are experts that are read as tokens reach them.</summary>
    public bool HasActivation => activatedBytes[0] + activatedBytes[1] > 0;

    /// <summary>FLOP of a group at a rate, each as many times as it takes longer than at the chip's base rate.</summary>
    public AffineInBatch Flops(int group, int rate) => flops[(group * Rates) + rate];

    /// <summary>Bytes of a group, likewise.</summary>
    public AffineInBatch Bytes(int group) => bytes[group];

    /// <summary>Bytes of a group's experts that are read as tokens reach them, likewise.</summary>
    public double ActivatedBytes(int group) => activatedBytes[group];

    /// <summary>Adds operators.</summary>
    /// <param name="isComputeLonger">Whether their compute takes longer.</param>
    /// <param name="rate">Rate of their FLOP.</param>
    /// <param name="ofFlops">Their FLOP, as counted here.</param>
    /// <param name="ofBytes">Their bytes.</param>
    /// <param name="activated">Bytes of their experts.</param>
    public void Add(bool isComputeLonger, OperatorRate rate, AffineInBatch ofFlops, AffineInBatch ofBytes, double activated)
    {
        int group = isComputeLonger ? 1 : 0;
        flops[(group * Rates) + (int)rate] += ofFlops;
        bytes[group] += ofBytes;
        activatedBytes[group] += activated;
        IsEmpty = false;
    }
}
