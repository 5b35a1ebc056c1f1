namespace FastSim.Cli.Configuration.Published;

/// <summary>Architectures that are known, and have something that nothing here can hold: refused by that, whatever else their files say.</summary>
internal static class RefusedArchitectures
{
    private const string CrossAttention = "a decoder without cross-attention: blocks that attend to a picture's tokens, and are left out of requests without one, have no operators here";
    private const string Alternating = "a decoder of one residual stream: four that are predicted and corrected in turn (AltUp) have no operators here";
    private const string Diffusion = "a decoder that yields a token a pass: one that uncovers the tokens of an answer in several passes over all of it has no step here";
    private const string Recurrent = "a decoder of attention, state spaces or delta rules: other recurrences have no operators here";
    private const string Repeated = "a decoder whose blocks have weights of their own: blocks that share theirs with others cannot be represented";
    private const string TwoSets = "experts of one set: a second one that the tokens of pictures alone visit, of a width of its own, cannot be represented";
    private const string StateAlone = "a decoder with attention in some of its blocks: state spaces alone are not read here";
    private const string Convolved = "a decoder whose attention and feed-forwards are all that a block has: one that convolves keys, values and what either yields besides, and adds what relative positions learn, has no operators here";
    private const string GatedNorms = "a decoder whose norms are weights alone: norms with gates of their own, and gates projected from the query's rank, have no operators here";
    private const string Looped = "a decoder that passes each block once a token: one that repeats them has no operators here";
    private const string Differential = "a decoder of one softmax a head: attention that subtracts a second one has no operators here";
    private const string HeadExperts = "a decoder whose experts are feed-forwards: experts of attention have no operators here";
    private const string Encoder = "a decoder: encoders have no operators here";

    /// <summary>What decoders of another kind have that nothing here can hold, by architecture.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["mllama"] = CrossAttention,
        ["mllama_text_model"] = CrossAttention,
        ["gemma3n"] = Alternating,
        ["gemma3n_text"] = Alternating,
        ["llada"] = Diffusion,
        ["llada_moe"] = Diffusion,
        ["llada2_moe"] = Diffusion,
        ["Dream"] = Diffusion,
        ["dream"] = Diffusion,
        ["sdar"] = Diffusion,
        ["sdar_moe"] = Diffusion,
        ["rwkv"] = Recurrent,
        ["rwkv6"] = Recurrent,
        ["rwkv7"] = Recurrent,
        ["recurrent_gemma"] = Recurrent,
        ["xlstm"] = Recurrent,
        ["zamba"] = Repeated,
        ["zamba2"] = Repeated,
        ["ernie4_5_vl_moe"] = TwoSets,
        ["ernie4_5_vl_moe_text"] = TwoSets,
        ["ernie4_5_moe_vl"] = TwoSets,
        ["mamba"] = StateAlone,
        ["mamba2"] = StateAlone,
        ["falcon_mamba"] = StateAlone,
        ["inkling_mm_model"] = Convolved,
        ["inkling_text"] = Convolved,
        ["axk2"] = GatedNorms,
        ["ouro"] = Looped,
        ["hrm_text"] = Looped,
        ["diffllama"] = Differential,
        ["jetmoe"] = HeadExperts,
        ["diffusion_gemma"] = Diffusion,
        ["diffusion_gemma_text"] = Diffusion,
        ["t5gemma"] = Encoder,
        ["t5gemma2"] = Encoder,
        ["t5"] = Encoder,
        ["bart"] = Encoder,
        ["whisper"] = Encoder,
        ["bert"] = Encoder,
        ["roberta"] = Encoder,
    };

    /// <summary>What a model of an architecture would have to be to be read; null where nothing is known against it.</summary>
    /// <param name="architecture">Its <c>model_type</c>.</param>
    public static string? ReasonOf(string architecture) => Reasons.GetValueOrDefault(architecture);
}
