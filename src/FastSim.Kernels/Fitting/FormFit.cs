using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>Fits the parameters of a timing form.</summary>
public static class FormFit
{
    private const int Iterations = 60;

    /// <summary>The parameters that a fit reaches from one start of the form, within the form's limits.</summary>
    /// <param name="form">The form.</param>
    /// <param name="model">Its times of the measured cases.</param>
    /// <param name="measured">Measured microseconds.</param>
    /// <param name="start">Where it starts.</param>
    public static (double[] Parameters, double Loss) From(TimingForm form, TimingModel model, double[] measured, double[] start)
    {
        ArgumentNullException.ThrowIfNull(form);
        return RobustFit.Fit(
            model,
            measured,
            start,
            [.. form.Parameters.Select(parameter => parameter.Least)],
            [.. form.Parameters.Select(parameter => parameter.Most)],
            form.Frozen,
            Iterations);
    }
}
