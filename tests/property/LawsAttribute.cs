using System.Diagnostics.CodeAnalysis;
using FsCheck.Xunit;

namespace FastSim.Laws.Tests;

/// <summary>What the laws of a class share, in place of FsCheck's <c>[Properties]</c>, whose number of cases knows no short run.</summary>
[AttributeUsage(AttributeTargets.Class)]
[SuppressMessage("Usage", "xUnit3003:Classes which extend FactAttribute (directly or indirectly) should provide a public constructor for source information", Justification = "FsCheck's attribute takes no source information to pass on")]
public sealed class LawsAttribute : PropertiesAttribute
{
    /// <summary>FsCheck's own number, which counts where neither class nor law states one.</summary>
    private const int Usual = 100;

    public LawsAttribute() => MaxTest = Usual;

    /// <summary>Cases in a long run of each law that states no number itself.</summary>
    public new int MaxTest
    {
        get => base.MaxTest;
        set => base.MaxTest = LawSize.Of(value);
    }
}
