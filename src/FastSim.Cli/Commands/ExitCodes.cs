namespace FastSim.Cli.Commands;

/// <summary>Exit codes of the program.</summary>
public static class ExitCodes
{
    /// <summary>Some job has a plan.</summary>
    public const int Success = 0;

    /// <summary>Two compared tables differ by more than they may.</summary>
    public const int Differs = 1;

    /// <summary>The input cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>No job has a plan.</summary>
    public const int NoPlan = 3;

    /// <summary>The program itself is at fault.</summary>
    public const int Fault = 70;

    /// <summary>A sweep was interrupted; what it did stays.</summary>
    public const int Interrupted = 130;
}
