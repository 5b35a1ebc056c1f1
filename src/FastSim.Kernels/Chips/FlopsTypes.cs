namespace FastSim.Kernels.Chips;

/// <summary>Data types a job computes in: names of a chip's units (<c>flops_type_list</c>).</summary>
/// <param name="Matrix">Matrix operators.</param>
/// <param name="Attention">Score and value products, on the matrix units.</param>
/// <param name="Vector">Vector operators.</param>
public sealed record FlopsTypes(string Matrix, string Attention, string Vector)
{
    /// <summary>The data type of what runs at a rate.</summary>
    /// <param name="rate">The rate.</param>
    public string Of(OperatorRate rate) => rate switch
    {
        OperatorRate.Matrix => Matrix,
        OperatorRate.Attention => Attention,
        _ => Vector,
    };
}
