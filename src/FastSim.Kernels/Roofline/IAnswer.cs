namespace FastSim.Kernels.Roofline;

/// <summary>A yes or no that the compiler knows.</summary>
internal interface IAnswer
{
    static abstract bool IsYes { get; }
}

/// <summary>Yes.</summary>
internal readonly struct Yes : IAnswer
{
    public static bool IsYes => true;
}

/// <summary>No.</summary>
internal readonly struct No : IAnswer
{
    public static bool IsYes => false;
}
