using FastSim.Kernels.Memory;

namespace FastSim.Kernels.Plans;

/// <summary>
/// A closed loop of two pools: as many clients as there are sequences, each sends its next prompt when its last answer is done; a fixed point of
/// the queue before prefill and of the step times gives both latencies (docs/validation.md, "A closed loop").
/// </summary>
public static class PoolLoop
{
    /// <summary>
    /// What a request takes between pools besides the bytes: a router, the second engine's own front end, and the handshake before a cache is sent.
    /// </summary>
    private const double HandoverMicroseconds = 85_000;

    /// <summary>Steps that a first token waits for in the decode pool.</summary>
    private const double StepsAround = 1.5;

    private const double MostUtilisation = 0.95;
    private const int MostRounds = 60;
    private const double Enough = 1e-5;

    /// <summary>A pool that prefills and a pool that decodes.</summary>
    /// <param name="prefill">An instance of the first.</param>
    /// <param name="prefillWorkers">Instances of the first.</param>
    /// <param name="prefillPrompts">Prompts that a rank of the first takes at a time at most; infinite where only the engine's chunk limits them.</param>
    /// <param name="decode">An instance of the second.</param>
    /// <param name="decodeWorkers">Instances of the second.</param>
    /// <param name="memory">What a card of the second holds.</param>
    /// <param name="batch">Clients, a decode rank.</param>
    /// <param name="outputTokens">Tokens of an answer.</param>
    public static ServingFigures At(
        ServingLoop prefill,
        double prefillWorkers,
        double prefillPrompts,
        ServingLoop decode,
        double decodeWorkers,
        ServingMemory memory,
        double batch,
        double outputTokens)
    {
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(memory);

        // Ranks that share experts step together, so the longest of their prompts decides.
        double longest = prefill.Step.Shape.Arrivals.Longest(prefill.Step.Shape.Layout.DataParallel);
        double alone = prefill.AloneMicroseconds * longest;
        double each = prefill.EachOf(prefillPrompts) * longest;
        double handover = HandoverMicroseconds
            + decode.Step.Clock.SendMicroseconds((prefill.Step.Shape.Lengths.Input * memory.CacheBytesPerToken) + memory.StateBytesPerSequence);
        double prefillRanks = prefillWorkers * prefill.Step.Shape.Layout.DataParallel;
        double decodeRanks = decode.Step.Shape.Layout.DataParallel * decodeWorkers;
        double clients = batch * decodeRanks;
        double mostPrompts = prefillRanks / each;
        double opening = decode.Step.Shape.Arrivals.OpeningShare;
        double perToken = decode.DecodeMicroseconds(batch);
        double firstToken = alone;
        double decoding = batch;
        double prompts = 0;
        for (int round = 0; round < MostRounds; round++)
        {
            double before = perToken;
            double asked = clients / ((outputTokens * perToken) + firstToken);
            double mostServed = Math.Min(mostPrompts, decodeRanks * memory.Sequences / (outputTokens * perToken));
            prompts = Math.Min(asked, mostServed);
            double utilisation = Math.Min(MostUtilisation, prompts / mostPrompts);

            // A queue's wait at this utilisation, and half a prompt that is in the way: ranks that share experts step together, so any
            // rank's prompt is in the way of all. All at once at the opening.
            double inTheWay = 1 - Math.Pow(1 - utilisation, prefill.Step.Shape.Layout.DataParallel);
            double steady = (alone * (1 + (utilisation / (1 - utilisation) / 4))) + (alone * inTheWay / 2);
            double burst = alone + (((clients / prefillRanks) - 1) / 2 * each);
            double next = ((1 - opening) * Math.Min(steady, burst)) + (opening * burst)
                + decode.Step.Engine.RequestMicroseconds + handover + (StepsAround * perToken);
            if (clients / ((outputTokens * perToken) + next) > mostServed)
            {
                next = Math.Max(next, (clients / mostServed) - (outputTokens * perToken));
            }

            firstToken = (firstToken + next) / 2;
            decoding = Math.Min(Math.Min(batch, memory.Sequences), Math.Max(Math.Min(1, batch), prompts * outputTokens * perToken / decodeRanks));
            perToken = (perToken + decode.DecodeMicroseconds(decoding)) / 2;
            if (Math.Abs(perToken - before) < Enough * perToken)
            {
                break;
            }
        }

        return new ServingFigures(
            firstToken / 1000,
            perToken / 1000,
            prompts * outputTokens * 1e6,
            decoding,
            Math.Min(batch, memory.Sequences),
            decode.DecodeParts(batch));
    }
}
