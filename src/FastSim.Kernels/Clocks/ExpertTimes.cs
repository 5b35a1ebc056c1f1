using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of layers of experts, for the kernels that one engine picks.</summary>
internal sealed class ExpertTimes
{
    private readonly ServingEngine engine;
    private readonly bool hasFourBitUnits;
    private readonly double[]?[] kinds;

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="chip">The chip.</param>
    public ExpertTimes(FittedForms forms, ServingEngine engine, Chip chip)
    {
        (this.engine, hasFourBitUnits) = (engine, chip.Matrix.ContainsKey("float4"));
        kinds = [.. Enum.GetValues<NumberKind>().Select(kind => FittedForms.Ahead(Parameters(forms, engine, hasFourBitUnits, kind), engine, chip.Structure))];
    }

    /// <summary>Microseconds of experts; null where none were fitted. Of the kernel that an engine picks: chips that compute in 4 bits run one family of kernels whatever the data type.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The experts.</param>
    public double? Microseconds(FormChip chip, in OperatorShape shape)
    {
        if (kinds[(int)shape.Kind] is not { } parameters)
        {
            return null;
        }

        NumberKind peak = shape.Kind switch
        {
            NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBitByEight => NumberKind.EightBit,
            NumberKind.FourBit => NumberKind.FourBit,
            _ => NumberKind.SixteenBit,
        };
        double activationBytes = shape.Kind is NumberKind.SixteenBit or NumberKind.FourBitWeights ? 2 : RooflineChip.ActivationBytes(shape.Kind);
        double weightBytes = shape.Kind == NumberKind.FourBitWeights ? RooflineChip.WeightBytes(NumberKind.FourBitByEight) : RooflineChip.WeightBytes(shape.Kind);
        double time = ExpertTiming.Microseconds(
            parameters,
            chip.Scale,
            chip.Peaks.FlopsPerSecond(peak),
            weightBytes,
            activationBytes,
            Math.Max(1, shape.Rows),
            shape.Depth,
            shape.Columns,
            shape.Chosen,
            shape.Experts,
            shape.TensorRanks,
            shape.ExpertRanks,
            shape.Skew,
            isGated: shape.Gates == 2,
            shape.OwnShare);
        return time - Idle(shape, parameters);
    }

    /// <summary>What a kernel that leaves idle experts out saves of what the measured one takes for them, microseconds; null where no form of these experts is known.</summary>
    /// <param name="shape">The experts.</param>
    public double? Idle(in OperatorShape shape) => kinds[(int)shape.Kind] is { } parameters ? Idle(shape, parameters) : null;

    /// <summary>What experts never fall below; the chip's peaks where none were fitted.</summary>
    /// <param name="shape">The experts.</param>
    public LaunchBound Bound(in OperatorShape shape)
    {
        if (kinds[(int)shape.Kind] is not { } parameters)
        {
            return LaunchBound.Peaks;
        }

        LaunchBound layer = ExpertTiming.Bound(parameters, shape.Experts / shape.ExpertRanks);
        return layer with { FloorMicroseconds = layer.FloorMicroseconds - Idle(shape, parameters) };
    }

    private static double[]? Parameters(FittedForms forms, ServingEngine engine, bool hasFourBitUnits, NumberKind kind)
    {
        double[]? Find(string word) => forms.Find(ExpertTiming.Form.Family, word);
        return kind switch
        {
            NumberKind.EightBit => Find(hasFourBitUnits ? ServingKinds.FourBitByEight : "fp8/cutlass"),
            NumberKind.EightBitBlock => Find(hasFourBitUnits ? ServingKinds.FourBitByEight : "fp8_block/cutlass"),
            NumberKind.FourBit or NumberKind.FourBitByEight => Find(ServingKinds.FourBitByEight),
            NumberKind.FourBitWeights when engine.HasPackedExpertKernel => Find(ServingKinds.PackedFourBit),
            NumberKind.FourBitWeights or NumberKind.SixteenBit => Find("bfloat16/cutlass") ?? Find(FittedForms.SixteenBits),
            _ => null,
        };
    }

    private double Idle(in OperatorShape shape, double[] parameters) =>
        IdleExperts.SavedMicroseconds(shape, engine, hasFourBitUnits, parameters[ExpertTiming.PerExpert]);
}
