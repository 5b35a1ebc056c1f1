using System.Globalization;
using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration;

/// <summary>Guesses which chip a name that has no file comes nearest to: one of its family, the nearest by number. B300 is like B200, not like H100.</summary>
internal static partial class NearestChip
{
    private static readonly string[] Vendors = ["NVIDIA", "AMD", "INTEL", "GOOGLE", "HUAWEI", "ASCEND", "INSTINCT", "TESLA", "CLOUD", "DGX", "HGX", "GPU"];

    /// <summary>The nearest candidates: those that hold the name, else those of the family whose number is nearest; without a number, those the fewest edits away.</summary>
    /// <param name="name">The name, or the path of its file.</param>
    /// <param name="candidates">Names of chips, or paths of their files.</param>
    /// <param name="most">Most to name.</param>
    public static string[] Several(string name, IEnumerable<string> candidates, int most)
    {
        string[] all = [.. candidates];
        string[] near = NearestName.Several(name, all, most);
        string stem = Stem(name);
        string[] holding = [.. near.Where(candidate => stem.Length > 1 && Stem(candidate).Contains(stem, StringComparison.Ordinal))];
        if (holding.Length > 0 || Model(stem) is not { } wanted)
        {
            return holding.Length > 0 ? holding : near;
        }

        (string Candidate, double Distance)[] family =
        [
            .. from candidate in all
               let model = Model(Stem(candidate))
               where model is { } found && Family(found.Family) == Family(wanted.Family)
               select (candidate, Distance(wanted, model!.Value)),
        ];
        return family.Length == 0
            ? []
            :
            [
                .. family.OrderBy(each => each.Distance).ThenBy(each => each.Candidate, StringComparer.Ordinal)
                    .TakeWhile((each, index) => index == 0 || each.Distance == family.Min(other => other.Distance)).Take(most).Select(each => each.Candidate),
            ];
    }

    /// <summary>How far apart two chips of a family are: by the ratio of their numbers, then by whether the letters before and after are the same.</summary>
    private static double Distance((string Family, double Number, string Suffix) one, (string Family, double Number, string Suffix) other)
    {
        const double OtherLetters = 0.01;
        const double OtherSuffix = 0.001;
        return Math.Abs(Math.Log(one.Number / other.Number)) + (one.Family == other.Family ? 0 : OtherLetters) + (one.Suffix == other.Suffix ? 0 : OtherSuffix);
    }

    /// <summary>GB and GH are B and H beside a processor.</summary>
    private static string Family(string letters) => letters is "GB" or "GH" ? letters[1..] : letters;

    /// <summary>
    /// The family and number of a name as vendors, their tools and users write it: 8xH100, NVIDIA H100 80GB HBM3, A100-SXM4-80GB, TPU v5e. The first number ends it, since what comes behind is
    /// a board or a memory.
    /// </summary>
    private static (string Family, double Number, string Suffix)? Model(string stem)
    {
        string before = "";
        foreach (string part in Count().Replace(stem, "").Split('_', '-', ' ', '.').Select(WithoutVendor))
        {
            Match match = Parts().Match(before + part);
            if (!match.Success)
            {
                before += part;
            }
            else if (!MemorySize().IsMatch(part))
            {
                return double.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) is > 0 and var number
                    ? (match.Groups["family"].Value, number, match.Groups["suffix"].Value)
                    : null;
            }
        }

        return null;
    }

    private static string WithoutVendor(string part) =>
        Array.Find(Vendors, vendor => part.StartsWith(vendor, StringComparison.Ordinal)) is { } vendor ? part[vendor.Length..] : part;

    private static string Stem(string name)
    {
        string file = Path.GetFileName(name).ToUpperInvariant();
        return file.EndsWith(".JSON", StringComparison.Ordinal) ? file[..^".JSON".Length] : file;
    }

    [GeneratedRegex("^(?<family>[A-Z]*)(?<number>[0-9]{1,9})(?<suffix>[A-Z]?)", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();

    [GeneratedRegex("^[0-9]{1,6} ?[X×*][ _-]?(?=[A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Count();

    [GeneratedRegex("^[0-9]{1,4}GI?B$", RegexOptions.CultureInvariant)]
    private static partial Regex MemorySize();
}
