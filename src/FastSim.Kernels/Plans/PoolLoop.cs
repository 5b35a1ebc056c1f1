using FastSim.Kernels.Memory;

namespace FastSim.Kernels.Plans;

/// <summary>
/// A closed loop of two pools: as many clients as there are sequences, each sends its next prompt when its last answer is done; a fixed point of
/// the queue before prefill and of the step times gives both latencies (docs/validation.md, "A closed loop").
/// </summary>
public static class PoolLoop
{
    /// <summary>Share of a benchmark's requests that come in its opening burst: one of ten waves.</summary>
    private const double BurstShare = 0.1;

    /// <summary>What a request takes outside the model: the network, the tokenizer, the scheduler's queue.</summary>
    private const double RequestMicroseconds = 15_000;

    private const double MostUtilisation = 0.95;
    private const int MostRounds = 60;
    private const double Enough = 1e-5;

    /// <summary>A pool that prefills and a pool that decodes.</summary>
    /// <param name="prefill">An instance of the first.</param>
    /// <param name="prefillWorkers">Instances of the first.</param>
    /// <param name="decode">An instance of the second.</param>
    /// <param name="decodeWorkers">Instances of the second.</param>
    /// <param name="memory">What a card of the second holds.</param>
    /// <param name="batch">Clients, a decode rank.</param>
    /// <param name="outputTokens">Tokens of an answer.</param>
    public static ServingFigures At(
        ServingLoop prefill,
        double prefillWorkers,
        ServingLoop decode,
        double decodeWorkers,
        ServingMemory memory,
        double batch,
        double outputTokens)
    {
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(memory);
        double alone = prefill.AloneMicroseconds;
        double each = prefill.EachMicroseconds;
        double prefillRanks = prefillWorkers * prefill.Step.Shape.Layout.DataParallel;
        double decodeRanks = decode.Step.Shape.Layout.DataParallel * decodeWorkers;
        double clients = batch * decodeRanks;
        double mostPrompts = prefillRanks / each;
        double perToken = decode.DecodeMicroseconds(batch);
        double firstToken = alone;
        double decoding = batch;
        double prompts = 0;
        for (int round = 0; round < MostRounds; round++)
        {
            double before = perToken;
            double asked = clients / ((outputTokens * perToken) + firstToken);
            prompts = Math.Min(asked, mostPrompts);
            double utilisation = Math.Min(MostUtilisation, prompts / mostPrompts);

            // A queue's wait at this utilisation, and half a prompt that is in the way; all at once at the opening.
            double steady = (alone * (1 + (utilisation / (1 - utilisation) / 4))) + (alone * utilisation / 2);
            double burst = alone + (((clients / prefillRanks) - 1) / 2 * each);
            double next = ((1 - BurstShare) * Math.Min(steady, burst)) + (BurstShare * burst) + RequestMicroseconds;
            if (clients / ((outputTokens * perToken) + next) > mostPrompts)
            {
                next = Math.Max(next, (clients / mostPrompts) - (outputTokens * perToken));
            }

            firstToken = (firstToken + next) / 2;
            decoding = Math.Min(batch, Math.Max(Math.Min(1, batch), prompts * outputTokens * perToken / decodeRanks));
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
