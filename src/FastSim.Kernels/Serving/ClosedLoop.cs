namespace FastSim.Kernels.Serving;

/// <summary>
/// Serving under a closed loop: as many clients as there are sequences, each sends its next prompt when its last answer is done. Little's
/// law divides sequences between waiting for their first token and decoding; a fixed point of that and the step times gives both
/// latencies (docs/validation.md, "A closed loop").
/// </summary>
public static class ClosedLoop
{
    /// <summary>Share of a benchmark's requests that come in its opening burst: one of ten waves.</summary>
    private const double BurstShare = 0.1;

    /// <summary>What a request takes outside the model: the network, the tokenizer, the scheduler's queue.</summary>
    private const double RequestMicroseconds = 15_000;

    /// <summary>Host time a sequence takes each step; hidden behind the device until the batch is large.</summary>
    private const double SequenceMicroseconds = 20;

    /// <summary>Steps that a prompt waits for the step at hand, and for its first token to come out.</summary>
    private const double StepsAround = 1.5;
    private const double MostUtilisation = 0.95;
    private const int MostRounds = 60;
    private const double Enough = 1e-5;

    /// <summary>One pool that prefills and decodes.</summary>
    /// <param name="step">The instance.</param>
    /// <param name="memory">What its cards hold.</param>
    /// <param name="batch">Clients, a rank.</param>
    /// <param name="inputTokens">Tokens of a prompt.</param>
    /// <param name="outputTokens">Tokens of an answer.</param>
    public static ServingFigures Aggregated(StepModel step, ServingMemory memory, double batch, double inputTokens, double outputTokens)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(memory);
        ServingEngine engine = step.Engine;
        double host = engine.HostMicroseconds;
        double context = inputTokens + (outputTokens / 2);
        double running = Math.Min(batch, memory.Sequences(context));
        StepParts decodeParts = step.Parts(new StepLoad(batch, context, 0, 0, 0));
        double decode = decodeParts.Total;
        (double alone, double beside) = Prompt(step, batch, context, inputTokens, decode);
        double together = Math.Max(1, Math.Floor(engine.ChunkTokens / inputTokens));
        double each = together > 1
            ? (Math.Max(step.Microseconds(new StepLoad(0, 0, together, inputTokens, 0)), step.LaunchMicroseconds) + host) / together
            : alone;
        double cohort = Math.Min(running, together);
        double cohortTime = cohort > 1
            ? Math.Max(step.Microseconds(new StepLoad(0, 0, cohort, inputTokens, 0)), step.LaunchMicroseconds) + host
            : alone;
        double full = Math.Max(running == batch ? decode : step.Microseconds(new StepLoad(running, context, 0, 0, 0)), 0) + host;

        double perToken = decode + host + (running / outputTokens * (engine.PrefillsFirst ? alone : beside));
        double firstToken = alone;
        double decoding = running;
        for (int round = 0; round < MostRounds; round++)
        {
            double around = StepsAround * perToken;
            double burst = around + alone + ((running - 1) / 2 * each);
            double steady = around + cohortTime;
            firstToken = (engine.PrefillsFirst ? burst : ((1 - BurstShare) * steady) + (BurstShare * burst)) + RequestMicroseconds;
            decoding = running * outputTokens * perToken / (firstToken + (outputTokens * perToken));
            double next = engine.PrefillsFirst
                ? Math.Max(full, running * SequenceMicroseconds) + (running / 2 / outputTokens * each)
                : Math.Max(step.Microseconds(new StepLoad(Math.Max(1, decoding), context, 0, 0, 0)) + host, decoding * SequenceMicroseconds)
                    + (decoding / outputTokens * beside);
            double change = Math.Abs(next - perToken);
            perToken = (perToken + next) / 2;
            if (change < Enough * perToken)
            {
                break;
            }
        }

        double cycle = firstToken + (outputTokens * perToken);
        if (batch > running)
        {
            // Clients that do not fit wait for their turn.
            firstToken = (batch / running * cycle) - (outputTokens * perToken);
        }

        decodeParts.Add(StepPart.Host, host);
        return new ServingFigures(
            firstToken / 1000,
            perToken / 1000,
            running * step.Layout.DataParallel * outputTokens / cycle * 1e6,
            decoding,
            running,
            decodeParts);
    }

    /// <summary>A pool that prefills and a pool that decodes.</summary>
    /// <param name="prefill">An instance of the first.</param>
    /// <param name="prefillWorkers">Instances of the first.</param>
    /// <param name="decode">An instance of the second.</param>
    /// <param name="decodeWorkers">Instances of the second.</param>
    /// <param name="memory">What a card of the second holds.</param>
    /// <param name="batch">Clients, a decode rank.</param>
    /// <param name="inputTokens">Tokens of a prompt.</param>
    /// <param name="outputTokens">Tokens of an answer.</param>
    public static ServingFigures Disaggregated(
        StepModel prefill,
        double prefillWorkers,
        StepModel decode,
        double decodeWorkers,
        ServingMemory memory,
        double batch,
        double inputTokens,
        double outputTokens)
    {
        ArgumentNullException.ThrowIfNull(prefill);
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(memory);
        double host = decode.Engine.HostMicroseconds;
        double context = inputTokens + (outputTokens / 2);
        double together = Math.Max(1, Math.Floor(prefill.Engine.ChunkTokens / inputTokens));
        double Prefill(double prompts) =>
            Math.Max(prefill.Microseconds(new StepLoad(0, 0, prompts, inputTokens, 0)), prefill.LaunchMicroseconds) + host;
        double alone = Prefill(1);
        double each = together > 1 ? Prefill(together) / together : alone;
        double prefillRanks = prefillWorkers * prefill.Layout.DataParallel;
        double decodeRanks = decode.Layout.DataParallel * decodeWorkers;
        double clients = batch * decodeRanks;
        double mostPrompts = prefillRanks / each;
        StepParts decodeParts = decode.Parts(new StepLoad(batch, context, 0, 0, 0));
        double perToken = decodeParts.Total + host;
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
            perToken = (perToken + decode.Microseconds(new StepLoad(decoding, context, 0, 0, 0)) + host) / 2;
            if (Math.Abs(perToken - before) < Enough * perToken)
            {
                break;
            }
        }

        decodeParts.Add(StepPart.Host, host);
        return new ServingFigures(
            firstToken / 1000,
            perToken / 1000,
            prompts * outputTokens * 1e6,
            decoding,
            Math.Min(batch, memory.Sequences(context)),
            decodeParts);
    }

    /// <summary>A prompt's prefill by itself, and what it adds to decode steps that it joins, chunk by chunk.</summary>
    private static (double Alone, double Beside) Prompt(StepModel step, double batch, double context, double inputTokens, double decode)
    {
        double alone = 0;
        double beside = 0;
        double past = 0;
        while (past < inputTokens)
        {
            double chunk = Math.Min(step.Engine.ChunkTokens, inputTokens - past);
            beside += step.Microseconds(new StepLoad(batch, context, 1, chunk, past)) - decode;
            alone += Math.Max(step.Microseconds(new StepLoad(0, 0, 1, chunk, past)), step.LaunchMicroseconds) + step.Engine.HostMicroseconds;
            past += chunk;
        }

        return (alone, beside);
    }
}
