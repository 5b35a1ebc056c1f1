using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>How the cards of one instance share a model.</summary>
/// <param name="TensorParallel">Cards of an attention rank.</param>
/// <param name="DataParallel">Attention ranks.</param>
/// <param name="ExpertTensorParallel">Cards that share an expert.</param>
/// <param name="ExpertParallel">Ranks that share the experts.</param>
public sealed record ServingLayout(int TensorParallel, int DataParallel, int ExpertTensorParallel, int ExpertParallel)
{
    private const int MostLatentTensorParallel = 16;
    private const int MostExpertTensorParallel = 16;
    private const int LeastExpertSlice = 64;

    /// <summary>Cards.</summary>
    public int Cards => TensorParallel * DataParallel * PipelineParallel;

    /// <summary>Pipeline stages.</summary>
    public int PipelineParallel { get; init; } = 1;

    /// <summary>The layout as plans have it.</summary>
    public ParallelLayout Parallel => new(DataParallel, PipelineParallel, TensorParallel, ExpertParallel, ExpertTensorParallel, 1, 0, 0);

    /// <summary>
    /// A layout as engines take it. Tensor parallelism that does not divide the heads can only be attention data parallelism, and the
    /// experts share all cards: what a statement leaves open is tensor parallelism of experts on one attention rank, expert parallelism
    /// otherwise.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tensorParallel">As stated; 0 for not.</param>
    /// <param name="dataParallel">As stated; 0 for not.</param>
    /// <param name="expertTensorParallel">As stated; 0 for not.</param>
    /// <param name="expertParallel">As stated; 0 for not.</param>
    public static ServingLayout Of(TransformerModel model, int tensorParallel, int dataParallel, int expertTensorParallel, int expertParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        int tensor = Math.Max(1, tensorParallel);
        int data = Math.Max(1, dataParallel);
        if (!Divides(model, tensor) || (model.Latent is not null && tensor > MostLatentTensorParallel))
        {
            (tensor, data) = (1, data * tensor);
        }

        int expertTensor = Math.Max(1, expertTensorParallel);
        int expert = Math.Max(1, expertParallel);
        if (model.Experts is not { } experts)
        {
            return new ServingLayout(tensor, data, 1, 1);
        }

        if (expertTensor * expert > tensor * data && expertTensor * expert % tensor == 0)
        {
            data = expertTensor * expert / tensor;
        }

        int cards = tensor * data;
        if (expertTensor * expert != cards)
        {
            (expertTensor, expert) = data > 1 ? (1, cards) : (cards, 1);
        }

        bool isCutTooFine = expertTensor > 1 && experts.Intermediate % expertTensor != 0 && experts.Intermediate / expertTensor < LeastExpertSlice;
        return isCutTooFine || expertTensor > MostExpertTensorParallel
            ? new ServingLayout(tensor, data, 1, cards)
            : new ServingLayout(tensor, data, expertTensor, expert);
    }

    /// <summary>Whether tensor parallelism can share a model's heads, those that keep a state included.</summary>
    public static bool Divides(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Heads % tensorParallel == 0
            && (model.Structure?.Pattern.Forms.All(form => form?.Kind == AttentionKind.None
                || (form?.State is { } state
                    ? state.Divides(tensorParallel)
                    : (form?.Heads ?? model.Heads) % tensorParallel == 0
                        && (form?.Compression?.OutputGroups ?? tensorParallel) % tensorParallel == 0
                        && (form?.Beside?.State?.Divides(tensorParallel) ?? true))) ?? true);
    }
}
