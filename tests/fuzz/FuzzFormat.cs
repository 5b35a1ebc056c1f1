using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>A command to run on an input, and what it may leave.</summary>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Outputs">Files that must not be there when it fails; those of folders by a pattern such as <c>out/*.csv</c>.</param>
internal sealed record FuzzCommand(string[] Arguments, params string[] Outputs);

/// <summary>A format of input: how a folder of valid files looks, and how one input of many is spoilt.</summary>
internal abstract class FuzzFormat
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Writes what every input needs.</summary>
    public abstract void Prepare(TemporaryFolder folder);

    /// <summary>Writes an input and says what to run on it.</summary>
    public abstract FuzzCommand Next(Random random, TemporaryFolder folder);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The option that asks for JSON, half the time.</summary>
    protected static string[] AsJson(Random random) => random.Next(2) == 0 ? ["--json"] : [];

    /// <summary>Copies the small model, chip and runtimes of the tests.</summary>
    protected static void CopyInputs(TemporaryFolder folder) => folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
}
