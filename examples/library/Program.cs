using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;
using FastSim.Search.Questions;

// Llama 3 8B on eight cards of a chip in a few numbers, and what more memory bandwidth would do.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
TransformerModel model = new(
    "llama-3-8b", Hidden: 4096, FeedForward: 14336, Blocks: 32, AttentionKind.GroupQuery, Heads: 32, KeyValueHeads: 8, HeadSize: 128,
    Latent: null, FlashAttention: true, AttentionGate: false, CachedTokens: 0, Vocabulary: 128256, Experts: null);
Chip chip = PlainChip.Of("sketch", teraflops: 989, vectorTeraflops: 67, gibibytes: 80, gigabytesPerSecond: 3350, linkGigabytesPerSecond: 450, cards: 8);
DeploymentQuestion question = new(model, chip, Cards: 8, InputTokens: 4000, OutputTokens: 1000) { PerTokenMilliseconds = 20 };
double[] bandwidths = [3350, 5000, 8000];
IEnumerable<Chip> chips = bandwidths.Select(bandwidth => chip with { Memory = chip.Memory with { GigabytesPerSecond = bandwidth } });
foreach ((double bandwidth, JobResult best) in bandwidths.Zip(Deployments.Sweep(question, chips)))
{
    Console.WriteLine(best.Decode is { } decode
        ? $"{bandwidth} GB/s: DP{decode.Layout.DataParallel} TP{decode.Layout.TensorParallel}, {decode.RequestsPerSecond:0.00} requests/s, {1000 * decode.LatencySeconds:0.0} ms a token"
        : $"{bandwidth} GB/s: no plan");
}
