using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Measured kernels of blocks with a state, <c>gdn_perf.parquet</c>, <c>kda_perf.parquet</c> and <c>mamba2_perf.parquet</c>: convolutions, a prompt's
/// recurrence, the update of states. Kernels that do several of these at once have no timing of their own.
/// </summary>
internal static class StateKernelFiles
{
    private const int HeadSize = 128;
    private const int Convolution = 4;
    private const int Chunk = 64;
    private const double StateBytes = 4;
    private const double Half = 2;
    private const string Source = "kernel_source";
    private const string Phase = "phase";

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = [Source, Phase];

    /// <summary>Columns of numbers of the delta rule's.</summary>
    public static readonly string[] DeltaNumbers = ["batch_size", "num_tokens", "num_k_heads", "num_v_heads", MeasuredRows.Latency];

    /// <summary>Columns of numbers of state spaces'.</summary>
    public static readonly string[] StateSpaceNumbers = ["batch_size", "num_tokens", "nheads", "head_dim", "d_state", "n_groups", MeasuredRows.Latency];

    private static readonly Dictionary<string, Work> Kernels = new(StringComparer.Ordinal)
    {
        ["causal_conv1d_fn"] = Work.ConvolvePrompt,
        ["causal_conv1d_fn_qkv3"] = Work.ConvolvePrompt,
        ["causal_conv1d_update"] = Work.ConvolveToken,
        ["chunk_gated_delta_rule"] = Work.Scan,
        ["chunk_kda"] = Work.Scan,
        ["fused_recurrent_gated_delta_rule_packed_decode"] = Work.Update,
        ["fused_recurrent_gated_delta_rule"] = Work.Update,
        ["fused_recurrent_kda_packed_decode"] = Work.Update,
    };

    private enum Work
    {
        ConvolvePrompt,
        ConvolveToken,
        Scan,
        Update,
    }

    /// <summary>The kinds of the gated delta rule.</summary>
    public static IEnumerable<MeasuredKind> GatedDelta(MeasuredTable table, CalibrationChip chip, Findings findings) =>
        Kinds(table, chip, StateKernelTiming.GatedDelta, Delta(table), state => DeltaRule.StagedBytes(state, state.KeyHeads, state.ValueHeads), findings);

    /// <summary>The kinds of the rule with a decay a channel.</summary>
    public static IEnumerable<MeasuredKind> KimiDelta(MeasuredTable table, CalibrationChip chip, Findings findings) =>
        Kinds(table, chip, StateKernelTiming.KimiDelta, Delta(table), state => DeltaRule.StagedChannelBytes(state, state.ValueHeads), findings);

    /// <summary>The kinds of state spaces: convolutions alone are measured.</summary>
    public static IEnumerable<MeasuredKind> StateSpace(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        double[] heads = table.Numbers("nheads");
        double[] sizes = table.Numbers("head_dim");
        double[] states = table.Numbers("d_state");
        double[] groups = table.Numbers("n_groups");
        StateDimensions Of(int row) => new((int)groups[row], (int)heads[row], (int)states[row], (int)sizes[row], Convolution, Chunk, StateBytes);
        return Kinds(table, chip, StateKernelTiming.StateSpace, Of, _ => 0, findings);
    }

    private static Func<int, StateDimensions> Delta(MeasuredTable table)
    {
        double[] keyHeads = table.Numbers("num_k_heads");
        double[] valueHeads = table.Numbers("num_v_heads");
        return row => new StateDimensions((int)keyHeads[row], (int)valueHeads[row], HeadSize, HeadSize, Convolution, Chunk, StateBytes);
    }

    private static IEnumerable<MeasuredKind> Kinds(
        MeasuredTable table, CalibrationChip chip, string word, Func<int, StateDimensions> state, Func<StateDimensions, double> staged, Findings findings)
    {
        string[] sources = table.Texts(Source);
        string[] phases = table.Texts(Phase);
        double[] sequences = table.Numbers("batch_size");
        double[] tokens = table.Numbers("num_tokens");
        MeasuredRows.WarnOfUnknown(table, Source, Kernels.ContainsKey, findings);

        // Rows that verify drafts run other shapes of the same kernels.
        string? KindOf(int row) => phases[row] == "verify" || !Kernels.TryGetValue(sources[row], out Work work) ? null : work switch
        {
            Work.ConvolvePrompt => word + StateKernelTiming.Prefill,
            Work.ConvolveToken => word + StateKernelTiming.Decode,
            Work.Scan => $"{word} ",
            _ => word,
        };
        foreach ((string kind, List<(Case Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table, KindOf, row => new Case(Kernels[sources[row]], sequences[row], tokens[row], state(row)), MeasuredRows.LatencyOrFailure(findings)))
        {
            Work work = cases[0].Case.Work;
            TimingForm form = work switch
            {
                Work.Scan => StateKernelTiming.Scan,
                Work.Update => StateKernelTiming.Update,
                _ => StateKernelTiming.Convolution,
            };
            yield return new MeasuredKind<Case>(
                form,
                kind.TrimEnd(),
                MeasuredRows.Medians(cases),
                one => [one.Sequences, one.Tokens, one.State.KeyHeads, one.State.ValueHeads, one.State.KeySize],
                parameters => one => StateKernelTiming.Microseconds(parameters, chip.Scale, one.Bytes(staged), one.Steps(chip.Scale), isCached: true),
                one => chip.Roofline(0, chip.HalfFlopsPerSecond, one.Bytes(staged)));
        }
    }

    private readonly record struct Case(Work Work, double Sequences, double Tokens, StateDimensions State)
    {
        /// <summary>Bytes that the kernel moves (docs/cost-model.md, "Blocks with a state").</summary>
        public double Bytes(Func<StateDimensions, double> staged)
        {
            double states = 2 * Sequences * State.StateElements(1) * State.StateBytes;
            double remembered = 2 * Sequences * State.RememberedElements(1) * Half;
            return Work switch
            {
                Work.ConvolvePrompt or Work.ConvolveToken => (2 * Tokens * State.Channels(1) * Half) + remembered,
                Work.Scan => (Tokens * staged(State)) + states,
                _ => states + (Tokens * (State.Channels(1) + State.ValueWidth(1)) * Half),
            };
        }

        public double Steps(TimingChip chip) => Work switch
        {
            Work.Scan => Math.Ceiling(Tokens / Sequences / State.Chunk),
            Work.Update => 0,
            _ => StateKernelTiming.ConvolutionSteps(chip, Sequences, State.Channels(1)),
        };
    }
}
