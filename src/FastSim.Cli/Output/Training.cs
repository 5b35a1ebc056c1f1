namespace FastSim.Cli.Output;

/// <summary>Words for whether a learned efficiency was asked within what it was trained among.</summary>
internal static class Training
{
    /// <summary>The words; empty where no efficiency is learned.</summary>
    public static string Words(bool? isBeyond) => isBeyond switch
    {
        true => "beyond training",
        false => "within training",
        null => Cell.Empty,
    };
}
