using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>
/// How one matrix of weights is stored: its packed elements, the scales and zero points of its groups or blocks, and tables of its own. A
/// scale a matrix or a channel is left out: at most one number for some thousand weights.
/// </summary>
/// <param name="ElementBytes">Bytes of a packed element.</param>
/// <param name="GroupBytes">Bytes that go with each group: scale and zero point.</param>
/// <param name="Outputs">Extent of a group along the outputs; 1 where there are no groups.</param>
/// <param name="Inputs">Extent of a group along the inputs; 1 where there are no groups.</param>
/// <param name="MatrixBytes">Bytes that go with the matrix: codebooks.</param>
internal readonly record struct WeightFormat(double ElementBytes, double GroupBytes, int Outputs, int Inputs, double MatrixBytes)
{
    /// <summary>Weights that share an exponent in microscaling formats (OCP Microscaling Formats 1.0).</summary>
    public const int MicroscalingGroup = 32;

    private const double ByteBits = 8;

    /// <summary>What these weights are multiplied with; the model's own type where nothing says otherwise.</summary>
    public ActivationFormat Activations { get; init; }

    /// <summary>The formats that meet in their products.</summary>
    public ProductFormat Products => new(ElementBytes, Activations);

    /// <summary>Bytes of a 32-bit scale.</summary>
    public const double Single = 4;

    /// <summary>Bytes of a 16-bit scale.</summary>
    public const double Half = 2;

    /// <summary>A scale for the matrix or for each channel.</summary>
    public static WeightFormat Plain(double bits) => new(bits / ByteBits, 0, 1, 1, 0);

    /// <summary>The same weights for other activations.</summary>
    /// <param name="activations">What they are multiplied with.</param>
    public WeightFormat By(ActivationFormat activations) => this with { Activations = activations };

    /// <summary>A scale, and perhaps a zero point, for each group along the inputs; a group of -1 or 0 is a whole channel.</summary>
    public static WeightFormat Groups(double bits, int size, double groupBytes) =>
        size > 0 ? new(bits / ByteBits, groupBytes, 1, size, 0) : Plain(bits);

    /// <summary>A scale for each block of outputs by inputs.</summary>
    public static WeightFormat Tiles(double bits, int outputs, int inputs, double groupBytes) =>
        new(bits / ByteBits, groupBytes, outputs, inputs, 0);

    /// <summary>
    /// The unit that a shard holds a whole number of. Microscaling groups have none: engines fill up the last group of a shard, so that
    /// gpt-oss runs on 8 cards though 2,880/8 is no multiple of 32.
    /// </summary>
    public WeightBlock Block => GroupBytes == 1 && Inputs == MicroscalingGroup ? WeightBlock.None : new(Outputs, Inputs);

    /// <summary>Bytes a weight, all counted: those of the element, and its share of what goes with group and matrix.</summary>
    /// <param name="shape">The matrix.</param>
    public double Bytes(ProjectionShape shape)
    {
        double bytes = ElementBytes + (GroupBytes / ((double)Outputs * Inputs));
        return MatrixBytes > 0 ? bytes + (MatrixBytes / (shape.Outputs * shape.Inputs)) : bytes;
    }
}
