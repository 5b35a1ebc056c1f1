namespace FastSim.Bench;

/// <summary>What <c>bench/performance</c> is asked for.</summary>
/// <param name="Native">The native program.</param>
/// <param name="Managed">The managed program.</param>
/// <param name="Commit">The commit that both are built from.</param>
/// <param name="Into">The file that the table is written into; null for none named.</param>
/// <param name="IsShort">Whether the short form, of some minutes, is enough.</param>
internal sealed record PerformanceOptions(string Native, string Managed, string Commit, string? Into, bool IsShort)
{
    /// <summary>How it is asked.</summary>
    public const string Usage =
        "performance [--short] --native PROGRAM --managed ASSEMBLY --commit COMMIT [--into FILE]: use bench/performance, which builds both programs";

    private const string Short = "--short";

    private static readonly string[] Valued = ["--native", "--managed", "--commit", "--into"];

    /// <summary>Options by their words.</summary>
    /// <param name="words">The words.</param>
    /// <returns>The options; null where one is missing, lacks its value or is unknown.</returns>
    public static PerformanceOptions? Of(string[] words)
    {
        Dictionary<string, string> stated = [];
        int place = 0;
        while (place < words.Length)
        {
            bool isValued = Valued.Contains(words[place]) && place + 1 < words.Length && !words[place + 1].StartsWith("--", StringComparison.Ordinal);
            if (!isValued && words[place] != Short)
            {
                return null;
            }

            stated[words[place]] = isValued ? words[place + 1] : "";
            place += isValued ? 2 : 1;
        }

        return stated.TryGetValue("--native", out string? native) && stated.TryGetValue("--managed", out string? managed) && stated.TryGetValue("--commit", out string? commit)
            ? new PerformanceOptions(native, managed, commit, stated.GetValueOrDefault("--into"), stated.ContainsKey(Short))
            : null;
    }
}
