namespace FastSim.Kernels.Launches;

/// <summary>
/// A quantity that is a constant plus a multiple of the sequences in a rank's micro-batch. Formulas written with it read as
/// the cost model prints them, and lower to two coefficients.
/// </summary>
/// <param name="Constant">Part that does not depend on the batch.</param>
/// <param name="PerSequence">Part per sequence of the micro-batch.</param>
public readonly record struct AffineInBatch(double Constant, double PerSequence)
{
    /// <summary>A constant as an affine quantity.</summary>
    public static implicit operator AffineInBatch(double constant) => FromDouble(constant);

    /// <summary>Sum.</summary>
    public static AffineInBatch operator +(AffineInBatch left, AffineInBatch right) => left.Add(right);

    /// <summary>Multiple.</summary>
    public static AffineInBatch operator *(AffineInBatch quantity, double factor) => quantity.Multiply(factor);

    /// <summary>Multiple.</summary>
    public static AffineInBatch operator *(double factor, AffineInBatch quantity) => quantity.Multiply(factor);

    /// <summary>A constant as an affine quantity.</summary>
    public static AffineInBatch FromDouble(double constant) => new(constant, 0);

    /// <summary>Sum.</summary>
    public AffineInBatch Add(AffineInBatch other) => new(Constant + other.Constant, PerSequence + other.PerSequence);

    /// <summary>Multiple.</summary>
    public AffineInBatch Multiply(double factor) => new(Constant * factor, PerSequence * factor);

    /// <summary>
    /// The value at a batch: <c>Constant + PerSequence·sequences</c>, rounded once, as every lane of the kernel rounds it. Never falls
    /// with the batch when neither part is negative.
    /// </summary>
    public double At(double sequences) => Math.FusedMultiplyAdd(PerSequence, sequences, Constant);
}
