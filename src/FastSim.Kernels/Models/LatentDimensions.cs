namespace FastSim.Kernels.Models;

/// <summary>Widths of multi-head latent attention, in elements (cost model, symbols of MLA).</summary>
/// <param name="QueryRank"><c>q_lora_rank</c>: width of the compressed query; 0 where queries are projected directly.</param>
/// <param name="KeyValueRank"><c>kv_lora_rank</c>: width of the cached latent.</param>
/// <param name="RotaryHeadSize"><c>qk_rope_head_dim</c>: width of the rotary part, shared by all heads in the cache.</param>
/// <param name="PlainHeadSize"><c>qk_nope_head_dim</c>: width of a head's part without position.</param>
/// <param name="ValueHeadSize"><c>v_head_dim</c>: width of a head's value.</param>
public sealed record LatentDimensions(int QueryRank, int KeyValueRank, int RotaryHeadSize, int PlainHeadSize, int ValueHeadSize)
{
    /// <summary>Elements cached per token and block: the latent and the shared rotary key.</summary>
    public int CachedWidth => KeyValueRank + RotaryHeadSize;
}
