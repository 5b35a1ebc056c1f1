using FastSim.Kernels.Deployment;

namespace FastSim.Kernels.Operators;

/// <summary>
/// A lowered stage in structure-of-arrays form: entry <c>i</c> of every column belongs to operator <c>i</c>, in execution order.
/// At <c>s</c> sequences of a rank's micro-batch an operator takes <c>FlopsConstant + FlopsPerSequence·s</c> FLOP and moves
/// <c>BytesConstant + BytesPerSequence·s + ActivatedBytes·(1 - exp(ActivationLog·s))</c> bytes. Figures are of one block;
/// <see cref="Repeats"/> says how often the stage runs the operator.
/// </summary>
public sealed class OperatorTable
{
    private readonly OperatorIdentity[] identities;
    private readonly Exchange[] exchanges;
    private readonly double[] repeats;
    private readonly double[] flopsConstant;
    private readonly double[] flopsPerSequence;
    private readonly double[] bytesConstant;
    private readonly double[] bytesPerSequence;
    private readonly double[] activatedBytes;
    private readonly double[] weightElements;
    private readonly double[] rowsPerSequence;
    private readonly double[] columns;
    private readonly double[] depths;

    internal OperatorTable(DeploymentShape shape, double activationLog, List<LoweredOperator> operators)
    {
        Shape = shape;
        ActivationLog = activationLog;
        identities = operators.Select(op => op.Identity).ToArray();
        exchanges = operators.Select(op => op.Exchange).ToArray();
        repeats = operators.Select(op => (double)op.Repeats).ToArray();
        flopsConstant = operators.Select(op => op.Flops.Constant).ToArray();
        flopsPerSequence = operators.Select(op => op.Flops.PerSequence).ToArray();
        bytesConstant = operators.Select(op => op.Bytes.Constant).ToArray();
        bytesPerSequence = operators.Select(op => op.Bytes.PerSequence).ToArray();
        activatedBytes = operators.Select(op => op.ActivatedBytes).ToArray();
        weightElements = operators.Select(op => op.WeightElements).ToArray();
        rowsPerSequence = operators.Select(op => op.RowsPerSequence).ToArray();
        columns = operators.Select(op => op.Columns).ToArray();
        depths = operators.Select(op => op.Depth).ToArray();
    }

    /// <summary>What was lowered.</summary>
    public DeploymentShape Shape { get; }

    /// <summary>Operators in the table.</summary>
    public int Count => identities.Length;

    /// <summary>
    /// Logarithm, per sequence of the micro-batch, of the chance that no token of the expert group picks a given expert;
    /// 0 when every expert is read (seed accounting). Cost model B1.2.
    /// </summary>
    public double ActivationLog { get; }

    /// <summary>Name, part, engine, class and rate.</summary>
    public ReadOnlySpan<OperatorIdentity> Identities => identities;

    /// <summary>What each operator puts on the network; <see cref="ExchangeGroup.None"/> for compute.</summary>
    public ReadOnlySpan<Exchange> Exchanges => exchanges;

    /// <summary>Times the stage runs the operator.</summary>
    public ReadOnlySpan<double> Repeats => repeats;

    /// <summary>FLOP that do not depend on the batch.</summary>
    public ReadOnlySpan<double> FlopsConstant => flopsConstant;

    /// <summary>FLOP per sequence.</summary>
    public ReadOnlySpan<double> FlopsPerSequence => flopsPerSequence;

    /// <summary>Bytes that do not depend on the batch: weights, mostly.</summary>
    public ReadOnlySpan<double> BytesConstant => bytesConstant;

    /// <summary>Bytes per sequence.</summary>
    public ReadOnlySpan<double> BytesPerSequence => bytesPerSequence;

    /// <summary>Bytes of all local routed experts, of which the reached share is read.</summary>
    public ReadOnlySpan<double> ActivatedBytes => activatedBytes;

    /// <summary>Weights the operator keeps in memory, elements.</summary>
    public ReadOnlySpan<double> WeightElements => weightElements;

    /// <summary>Rows of the matrix product per sequence, for tables by shape; NaN where the operator is none.</summary>
    public ReadOnlySpan<double> RowsPerSequence => rowsPerSequence;

    /// <summary>Columns of the matrix product.</summary>
    public ReadOnlySpan<double> Columns => columns;

    /// <summary>Depth of the matrix product.</summary>
    public ReadOnlySpan<double> Depths => depths;

    /// <summary>FLOP of operator <paramref name="index"/> at <paramref name="sequences"/> sequences of the micro-batch.</summary>
    public double Flops(int index, double sequences) => flopsConstant[index] + (flopsPerSequence[index] * sequences);

    /// <summary>Bytes that operator <paramref name="index"/> moves at <paramref name="sequences"/> sequences of the micro-batch.</summary>
    public double Bytes(int index, double sequences)
    {
        double bytes = bytesConstant[index] + (bytesPerSequence[index] * sequences);
        return activatedBytes[index] == 0 ? bytes : bytes + (activatedBytes[index] * (1 - Math.Exp(ActivationLog * sequences)));
    }
}
