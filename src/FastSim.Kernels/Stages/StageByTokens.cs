using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Stages;

/// <summary>Stages that prefill, of which all but attention is a stage's that decodes, at as many tokens.</summary>
internal static class StageByTokens
{
    /// <summary>
    /// Whether all that does not go by a phase is, in a stage that prefills, another's that decodes but for the tokens of a sequence (<see cref="OperatorTable.IsTimesAt"/>), and all that goes by it
    /// is attention, behind which operators stand in the same places.
    /// </summary>
    /// <param name="prompt">The stage that prefills.</param>
    /// <param name="decode">The stage that decodes.</param>
    public static bool IsTimes(OperatorTable prompt, OperatorTable decode)
    {
        int place = 0;
        for (int op = 0; op < prompt.Count; op++)
        {
            if (prompt.Identities[op].IsOfPhase)
            {
                if (op >= prompt.AttentionCount)
                {
                    return false;
                }

                continue;
            }

            while (place < decode.Count && decode.Identities[place].IsOfPhase)
            {
                place++;
            }

            double times = prompt.Identities[op].Part == StagePart.Logits ? 1 : prompt.Shape.TokensPerSequence;
            bool isInPlace = op < prompt.AttentionCount || op - prompt.AttentionCount == place - decode.AttentionCount;
            if (place == decode.Count || !isInPlace || !prompt.IsTimesAt(op, decode, place, times))
            {
                return false;
            }

            place++;
        }

        return true;
    }
}
