namespace FastSim.Kernels.Launches;

/// <summary>
/// Times of kernels of blocks with a state: the short convolution, a prompt's recurrence over chunks, the update of states in decode. A kernel moves bytes,
/// of which those that fit a chip's cache come from there, and takes steps that wait for one another. Source: docs/validation.md, "Kernels with a state".
/// </summary>
public static class StateKernelTiming
{
    /// <summary>Kernels of the gated delta rule.</summary>
    public const string GatedDelta = "gated_delta";

    /// <summary>Kernels of the delta rule with a decay a channel.</summary>
    public const string KimiDelta = "kimi_delta";

    /// <summary>Kernels of state spaces.</summary>
    public const string StateSpace = "mamba2";

    /// <summary>What a kind's name ends with where its kernels are a prompt's.</summary>
    public const string Prefill = "/prefill";

    /// <summary>Where they are a token's.</summary>
    public const string Decode = "/decode";

    private const int FloorMicroseconds = 0;
    private const int MemoryEfficiency = 1;
    private const int CacheMegabytes = 2;
    private const int CacheRatio = 3;
    private const int StepMicroseconds = 4;

    private const double BytesPerMegabyte = 1e6;

    /// <summary>Channels of a sequence that a unit convolves at once.</summary>
    private const double ChannelsOfAStep = 1024;

    /// <summary>The convolution: a step is a sequence's channels on a unit.</summary>
    public static TimingForm Convolution { get; } = Form("short_convolution", 2);

    /// <summary>A prompt's recurrence: a step is a chunk, since each takes the state of the one before.</summary>
    public static TimingForm Scan { get; } = Form("state_scan", 20);

    /// <summary>The update of states, which has no steps.</summary>
    public static TimingForm Update { get; } = WithoutSteps(Form("state_update", 4));

    /// <summary>Steps of a convolution.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="sequences">Sequences.</param>
    /// <param name="channels">Channels of each.</param>
    public static double ConvolutionSteps(TimingChip chip, double sequences, double channels) => sequences * channels / ChannelsOfAStep / chip.ComputeUnits;

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="bytes">Bytes that it moves.</param>
    /// <param name="steps">Steps, one after another.</param>
    /// <param name="isCached">Whether what it reads was just written, as by the kernels around it or by a measurement that repeats itself.</param>
    public static double Microseconds(ReadOnlySpan<double> parameters, TimingChip chip, double bytes, double steps, bool isCached)
    {
        double rate = chip.MemoryBytesPerSecond * parameters[MemoryEfficiency];
        double cached = isCached ? Math.Min(bytes, parameters[CacheMegabytes] * BytesPerMegabyte) : 0;
        double moved = (cached / (rate * parameters[CacheRatio])) + ((bytes - cached) / rate);
        return parameters[FloorMicroseconds] + (moved * Norms.Microseconds) + (parameters.Length > StepMicroseconds ? steps * parameters[StepMicroseconds] : 0);
    }

    private static TimingForm WithoutSteps(TimingForm form) => form with
    {
        Parameters = [.. form.Parameters.Take(StepMicroseconds)],
        OtherStarts = [.. form.OtherStarts.Select(start => start[..StepMicroseconds])],
    };

    private static TimingForm Form(string family, double floor) => new(
        family,
        [
            new("floor_us", 0.5, 400, floor),
            new("memory_efficiency", 0.05, 1, 0.5),
            new("cache_mb", 0.1, 400, 20),
            new("cache_ratio", 1, 20, 3),
            new("step_us", 0.001, 1000, 0.5),
        ],
        [[floor, 0.8, 100, 6, 0.05], [floor, 0.4, 2, 2, 2], [floor, 0.8, 20, 3, 100]]);
}
