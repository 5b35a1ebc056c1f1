namespace FastSim.Kernels.Launches;

/// <summary>Timing forms of all operator families.</summary>
public static class TimingForms
{
    /// <summary>Family of decode attention over a latent cache.</summary>
    public const string DecodeLatentAttention = "decode_latent_attention";

    /// <summary>Family of prefill attention of latent models.</summary>
    public const string PrefillLatentAttention = "prefill_latent_attention";

    /// <summary>The forms by family.</summary>
    public static IReadOnlyDictionary<string, TimingForm> All { get; } = new Dictionary<string, TimingForm>
    {
        [GemmTiming.Form.Family] = GemmTiming.Form,
        [DecodeAttentionTiming.Form.Family] = DecodeAttentionTiming.Form,
        [PrefillAttentionTiming.Form.Family] = PrefillAttentionTiming.Form,
        [DecodeLatentAttention] = DecodeAttentionTiming.Form with { Family = DecodeLatentAttention },
        [PrefillLatentAttention] = PrefillAttentionTiming.Form with { Family = PrefillLatentAttention },
        [LatentProductTiming.Form.Family] = LatentProductTiming.Form,
        [ExpertTiming.Form.Family] = ExpertTiming.Form,
        [CollectiveTiming.Form.Family] = CollectiveTiming.Form,
        [ExpertExchangeTiming.Form.Family] = ExpertExchangeTiming.Form,
        [IndexScoreTiming.Form.Family] = IndexScoreTiming.Form,
        [IndexSelectionTiming.Form.Family] = IndexSelectionTiming.Form,
        [SparseAttentionTiming.Form.Family] = SparseAttentionTiming.Form,
        [QuantizeTiming.Form.Family] = QuantizeTiming.Form,
        [StateKernelTiming.Convolution.Family] = StateKernelTiming.Convolution,
        [StateKernelTiming.Scan.Family] = StateKernelTiming.Scan,
        [StateKernelTiming.Update.Family] = StateKernelTiming.Update,
        [EncoderAttentionTiming.Form.Family] = EncoderAttentionTiming.Form,
    };
}
