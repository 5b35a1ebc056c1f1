namespace FastSim.Cli.Calibration;

/// <summary>Rows of a chunk of a prompt by whether they see more tokens than are selected.</summary>
/// <param name="Choosing">Rows that do.</param>
/// <param name="MeanContext">Tokens that those see, on average.</param>
/// <param name="Short">Rows that take all they see.</param>
/// <param name="MeanSelected">Tokens that a row of either sort attends to, on average.</param>
internal readonly record struct SelectingRows(double Choosing, double MeanContext, double Short, double MeanSelected)
{
    /// <summary>Rows of a chunk.</summary>
    /// <param name="tokens">Tokens of the chunk.</param>
    /// <param name="past">Tokens before it.</param>
    /// <param name="selected">Tokens that are selected at most.</param>
    public static SelectingRows Of(double tokens, double past, double selected)
    {
        double brief = Math.Clamp(selected - past, 0, tokens);
        return new SelectingRows(
            tokens - brief,
            past + ((brief + 1 + tokens) / 2),
            brief,
            ((brief * (past + ((brief + 1) / 2))) + ((tokens - brief) * selected)) / tokens);
    }
}
