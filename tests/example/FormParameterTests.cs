using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Example.Tests;

/// <summary>Whose form an operator takes, of those that a model states.</summary>
public sealed class FormParameterTests
{
    private const int PerFormat = 4;
    private const int SecondKernel = 1;

    private static readonly OperatorShape Experts = new(OperatorFamily.Experts, NumberKind.EightBitBlock, 1, Experts: 256, Variant: 1);

    /// <summary>8-bit floats with one scale and with a scale a block have as many bytes: among the features the first stands for both, of what an idle expert takes each kernel's own does.</summary>
    [Fact]
    public void A_kernels_own_form_says_what_an_idle_expert_takes()
    {
        double[] single = Form(0.06);
        double[] byBlock = Form(0.34);
        FormParameters both = new(new Dictionary<(OperatorFamily, int), double[]> { [Slot(NumberKind.EightBit)] = single, [Slot(NumberKind.EightBitBlock)] = byBlock });
        Assert.Same(single, both.Of(Experts));
        Assert.Same(byBlock, both.OfOwnKernel(Experts));
        Assert.Same(single, both.OfOwnKernel(Experts with { Kind = NumberKind.EightBit }));
        Assert.Same(byBlock, both.OfOwnKernel(Experts with { Kind = NumberKind.FourBitWeights, Kernel = NumberKind.EightBitBlock }));
    }

    [Fact]
    public void Where_a_kernel_has_no_form_of_its_own_the_nearest_says_it()
    {
        double[] single = Form(0.06);
        FormParameters one = new(new Dictionary<(OperatorFamily, int), double[]> { [Slot(NumberKind.EightBit)] = single });
        Assert.Same(single, one.OfOwnKernel(Experts));
        Assert.Same(one.Of(Experts with { Kind = NumberKind.FourBit }), one.OfOwnKernel(Experts with { Kind = NumberKind.FourBit }));
    }

    private static (OperatorFamily Family, int Slot) Slot(NumberKind kind) => (OperatorFamily.Experts, (PerFormat * (int)kind) + SecondKernel);

    private static double[] Form(double expertMicroseconds)
    {
        double[] form = ExpertTiming.Form.Start;
        form[ExpertTiming.PerExpert] = expertMicroseconds;
        return form;
    }
}
