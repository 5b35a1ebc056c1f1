using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What a whole deployment does, prefill and decode together.</summary>
/// <param name="RequestsPerSecond">Requests that it completes a second: what the slower of two phases does.</param>
/// <param name="TokensPerSecond">Prompt and generated tokens of those requests.</param>
/// <param name="Cards">Cards that it runs on.</param>
/// <param name="IdleCards">Cards at hand that it leaves idle.</param>
/// <param name="PrefillRequestsPerSecond">What the prefill phase of a split could serve; null in fusion.</param>
/// <param name="DecodeRequestsPerSecond">What its decode phase could serve; null in fusion.</param>
/// <param name="FirstTokenMilliseconds">Time to first token.</param>
/// <param name="PerTokenMilliseconds">Time per output token.</param>
internal sealed record DeploymentFigures(
    double RequestsPerSecond,
    double TokensPerSecond,
    int Cards,
    int IdleCards,
    double? PrefillRequestsPerSecond,
    double? DecodeRequestsPerSecond,
    double FirstTokenMilliseconds,
    double PerTokenMilliseconds)
{
    /// <summary>Tokens/s of a card in use.</summary>
    public double TokensPerSecondPerCard => TokensPerSecond / Cards;

    /// <summary>The phase of a split that holds the other back; null in fusion, and where neither does.</summary>
    public Phase? Binding => PrefillRequestsPerSecond == DecodeRequestsPerSecond
        ? null
        : PrefillRequestsPerSecond < DecodeRequestsPerSecond ? Phase.Prefill : Phase.Decode;

    /// <summary>Of an answer; null where there is no plan, or a stated split runs one phase alone.</summary>
    public static DeploymentFigures? Of(JobResult result)
    {
        if (result is not { Prefill: { } prefill, Decode: { } decode })
        {
            return null;
        }

        bool isSplit = result.Job.Mode == ServingMode.Split;
        double requests = isSplit ? Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond) : decode.RequestsPerSecond;
        int cards = isSplit ? prefill.Layout.Cards + decode.Layout.Cards : decode.Layout.Cards;
        return new DeploymentFigures(
            requests,
            requests * ((double)result.Job.Lengths.Input + result.Job.Lengths.Output),
            cards,
            result.Job.Cards - cards,
            isSplit ? prefill.RequestsPerSecond : null,
            isSplit ? decode.RequestsPerSecond : null,
            prefill.LatencySeconds * 1000,
            decode.LatencySeconds * 1000);
    }
}
