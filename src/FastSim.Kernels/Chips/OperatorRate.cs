namespace FastSim.Kernels.Chips;

/// <summary>Which rate an operator's FLOP run at: index into a chip's rates.</summary>
public enum OperatorRate
{
    /// <summary>Matrix unit, <c>flops_type[0]</c>.</summary>
    Matrix,

    /// <summary>Matrix unit at the attention data type, <c>flops_type[1]</c>.</summary>
    Attention,

    /// <summary>Vector unit, <c>flops_type[2]</c>.</summary>
    Vector,
}
