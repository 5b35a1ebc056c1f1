using System.Diagnostics.CodeAnalysis;
using FsCheck.Xunit;

namespace FastSim.Laws.Tests;

/// <summary>
/// A law with random input, drawn from a stated seed, so that two runs of one commit say the same. <c>FASTSIM_LAWS=random</c> draws
/// anew each run, which is how rare cases are looked for; <c>FASTSIM_LAWS=seed,gamma</c> (gamma odd) is the seed that a failing run
/// printed. How many cases: <see cref="LawSize"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Usage", "xUnit3003:Classes which extend FactAttribute (directly or indirectly) should provide a public constructor for source information", Justification = "FsCheck's attribute takes no source information to pass on")]
public sealed class LawAttribute : PropertyAttribute
{
    private const string StatedSeed = "20261129,7";

    public LawAttribute()
    {
        string seed = Environment.GetEnvironmentVariable("FASTSIM_LAWS") is { Length: > 0 } wanted ? wanted : StatedSeed;
        if (seed != "random")
        {
            Replay = seed;
        }
    }

    /// <summary>Cases of the law in a long run; what its class states where it states none.</summary>
    public new int MaxTest
    {
        get => base.MaxTest;
        set => base.MaxTest = LawSize.Of(value);
    }
}
