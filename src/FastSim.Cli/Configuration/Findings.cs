namespace FastSim.Cli.Configuration;

/// <summary>Collects what a user should know of their input though it can be used; each thing is said once.</summary>
public sealed class Findings
{
    private readonly List<string> warnings = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly SortedSet<string> unusedKeys = new(StringComparer.Ordinal);
    private readonly SortedSet<string> physicalKeys = new(StringComparer.Ordinal);
    private readonly SortedSet<string> supersededKeys = new(StringComparer.Ordinal);
    private bool leavesPhysical;

    /// <summary>Creates a collection.</summary>
    /// <param name="allowUnknownKeys">Whether an unknown key is a warning instead of an error.</param>
    public Findings(bool allowUnknownKeys) => AllowUnknownKeys = allowUnknownKeys;

    /// <summary>Whether an unknown key is a warning instead of an error.</summary>
    public bool AllowUnknownKeys { get; }

    /// <summary>The warnings, in the order they were found.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            List<string> all = [.. warnings];
            if (unusedKeys.Count > 0)
            {
                all.Add($"not used: {string.Join(", ", unusedKeys)}");
            }

            if (leavesPhysical && physicalKeys.Count > 0)
            {
                all.Add($"not used by seed accounting: {string.Join(", ", physicalKeys)}; \"accounting\": \"physical\" does");
            }

            if (supersededKeys.Count > 0)
            {
                all.Add($"of the model files, superseded by the runtime's lists: {string.Join(", ", supersededKeys)}");
            }

            return all;
        }
    }

    internal void Warn(string message)
    {
        if (known.Add(message))
        {
            warnings.Add(message);
        }
    }

    /// <summary>Whether nothing that there is to say names a place: keys that are not used are told of by themselves.</summary>
    internal bool NamesNoPlace => warnings.Count == 0;

    /// <summary>Takes what another collection holds.</summary>
    internal void Take(Findings other)
    {
        other.warnings.ForEach(Warn);
        unusedKeys.UnionWith(other.unusedKeys);
        physicalKeys.UnionWith(other.physicalKeys);
        leavesPhysical |= other.leavesPhysical;
        supersededKeys.UnionWith(other.supersededKeys);
    }

    internal void Unused(string key) => unusedKeys.Add(key);

    /// <summary>Notes a key that counts in physical accounting alone.</summary>
    internal void OfPhysical(string key) => physicalKeys.Add(key);

    /// <summary>Seed accounting uses none of those keys.</summary>
    internal void LeavePhysical() => leavesPhysical = true;

    internal void Superseded(string key) => supersededKeys.Add(key);
}
