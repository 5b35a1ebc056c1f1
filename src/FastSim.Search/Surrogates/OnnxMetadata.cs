using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Search.Surrogates;

/// <summary>What a model's lines of metadata say: the contract that it keeps, what its answers lie between, and its forms' parameters (docs/surrogate.md, "The contract").</summary>
internal sealed class OnnxMetadata
{
    private readonly Dictionary<OperatorFamily, AnswerRange> ranges = [];
    private readonly Dictionary<OperatorFamily, float[]> hulls = [];
    private readonly Dictionary<OperatorFamily, float> beyond = [];
    private readonly Dictionary<(OperatorFamily, int), double[]> forms = [];
    private readonly Dictionary<(string, string), double[]> timings = [];

    /// <summary>Reads it.</summary>
    /// <param name="metadata">The lines.</param>
    /// <exception cref="EfficiencyModelException">A line is none that it may be.</exception>
    public OnnxMetadata(Dictionary<string, string> metadata) => Version = ReadMetadata(metadata);

    /// <summary>Version of the contract.</summary>
    public int Version { get; }

    /// <summary>What answers of families that are known lie between.</summary>
    public IReadOnlyDictionary<OperatorFamily, AnswerRange> Ranges => ranges;

    /// <summary>Least and most of each feature in training, of families that state it.</summary>
    public IReadOnlyDictionary<OperatorFamily, float[]> Hulls => hulls;

    /// <summary>Half widths above which answers are beyond training, of families that state it.</summary>
    public IReadOnlyDictionary<OperatorFamily, float> Beyond => beyond;

    /// <summary>Parameters of timing forms among features.</summary>
    public IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Forms => forms;

    /// <summary>Parameters of timing forms of launches that are of no family.</summary>
    public IReadOnlyDictionary<(string Family, string Kind), double[]> Timings => timings;

    /// <summary>Whether forms among features meet a chip at the rates that it holds.</summary>
    public bool HasFormsAtHeldRates { get; private set; }

    /// <returns>Version of the contract that the model keeps.</returns>
    private int ReadMetadata(Dictionary<string, string> metadata)
    {
        int contract = metadata.GetValueOrDefault(OnnxContract.Version) switch
        {
            "1" => OperatorFeatures.Version,
            OnnxContract.VersionTwo => OperatorComponents.Version,
            "2" or "2.1" or "2.2" or "2.3" => throw new EfficiencyModelException(
                $"metadata {OnnxContract.Version}: found {metadata[OnnxContract.Version]}, of an earlier FastSim whose marks or components meant something else; expected 1 or {OnnxContract.VersionTwo} (surrogate train makes one)"),
            string other => throw new EfficiencyModelException($"metadata {OnnxContract.Version}: found {other}; expected 1 or {OnnxContract.VersionTwo}"),
            _ => throw new EfficiencyModelException($"metadata {OnnxContract.Version}: found nothing; expected 1 or {OnnxContract.VersionTwo}"),
        };
        string[] prefixes = contract == OperatorFeatures.Version
            ? [OnnxContract.RangePrefix, OnnxContract.HullPrefix]
            : [OnnxContract.RangePrefix, OnnxContract.HullPrefix, OnnxContract.BeyondPrefix];
        foreach (string key in metadata.Keys.Order(StringComparer.Ordinal))
        {
            if (contract == OperatorFeatures.Version && OnnxContract.OfVersionTwo.Any(known => key.StartsWith(known, StringComparison.Ordinal)))
            {
                throw new EfficiencyModelException(
                    $"metadata {key}: found in a model of version 1, which has no such line; expected {OnnxContract.Version} to be {OnnxContract.VersionTwo}, or the line left out");
            }

            string prefix = Array.Find(prefixes, known => key.StartsWith(known, StringComparison.Ordinal)) ?? OnnxContract.RangePrefix;
            if (key.StartsWith(prefix, StringComparison.Ordinal) && !Enum.GetNames<OperatorFamily>().Contains(key[prefix.Length..]))
            {
                throw new EfficiencyModelException(
                    $"metadata {key}: found an unknown family; expected one of {string.Join(", ", Enum.GetNames<OperatorFamily>())}");
            }
        }

        foreach (OperatorFamily family in Enum.GetValues<OperatorFamily>())
        {
            if (metadata.TryGetValue(OnnxContract.RangePrefix + family, out string? range))
            {
                double[] bounds = Numbers(OnnxContract.RangePrefix + family, range, 4);
                AnswerRange own = new(bounds[0], bounds[1], bounds[2], bounds[3]);
                bool isOrdered = own.LeastFirst <= own.MostFirst && own.LeastSecond <= own.MostSecond && own.LeastSecond >= 0;
                if (!isOrdered || (contract == OperatorFeatures.Version && own is not { LeastFirst: > 0, MostFirst: <= 1 }))
                {
                    throw new EfficiencyModelException(
                        $"metadata {OnnxContract.RangePrefix + family}: found {range}; expected {(contract == OperatorFeatures.Version
                            ? "least and most efficiency above 0 up to 1, then least and most floor from 0"
                            : "least and most logarithm of microseconds, then least and most half width from 0")}");
                }

                ranges[family] = own;
                if (contract == OperatorComponents.Version && metadata.TryGetValue(OnnxContract.BeyondPrefix + family, out string? most))
                {
                    beyond[family] = (float)Numbers(OnnxContract.BeyondPrefix + family, most, 1)[0];
                }

                if (metadata.TryGetValue(OnnxContract.HullPrefix + family, out string? hull))
                {
                    hulls[family] = Array.ConvertAll(Numbers(OnnxContract.HullPrefix + family, hull, 2 * OperatorFeatures.Count), bound => (float)bound);
                }
            }
        }

        foreach ((string key, string parameters) in contract == OperatorComponents.Version ? metadata : [])
        {
            if (key.StartsWith(OnnxContract.FormPrefix, StringComparison.Ordinal))
            {
                ReadForm(key, parameters);
            }
            else if (key.StartsWith(OnnxContract.TimingPrefix, StringComparison.Ordinal))
            {
                ReadTiming(key, parameters);
            }
        }

        if (contract == OperatorComponents.Version && metadata.TryGetValue(OnnxContract.FormRates, out string? rates))
        {
            HasFormsAtHeldRates = rates == OnnxContract.Held
                ? true
                : throw new EfficiencyModelException($"metadata {OnnxContract.FormRates}: found {rates}; expected {OnnxContract.Held}, or no such line for peaks");
        }

        if (ranges.Count == 0)
        {
            throw new EfficiencyModelException(
                $"metadata: found no {OnnxContract.RangePrefix}…; expected one of {string.Join(", ", Enum.GetNames<OperatorFamily>())}");
        }

        return contract;
    }

    private void ReadForm(string key, string parameters)
    {
        string[] parts = key[OnnxContract.FormPrefix.Length..].Split('.');
        if (parts.Length != 2
            || !Enum.GetNames<OperatorFamily>().Contains(parts[0])
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int slot)
            || slot >= FormParameters.Slots)
        {
            throw new EfficiencyModelException(
                $"metadata {key}: found an unknown form; expected one of {string.Join(", ", Enum.GetNames<OperatorFamily>())}, a point and a slot below {FormParameters.Slots}");
        }

        OperatorFamily family = Enum.Parse<OperatorFamily>(parts[0]);
        forms[(family, slot)] = Within(key, parameters, FormParameters.FormOf(family));
    }

    private void ReadTiming(string key, string parameters)
    {
        string[] parts = key[OnnxContract.TimingPrefix.Length..].Split('.', 2);
        if (parts.Length != 2 || parts[1].Length == 0 || !TimingForms.All.TryGetValue(parts[0], out TimingForm? form))
        {
            throw new EfficiencyModelException(
                $"metadata {key}: found an unknown form; expected one of {string.Join(", ", TimingForms.All.Keys)}, a point and a kind");
        }

        timings[(parts[0], parts[1])] = Within(key, parameters, form);
    }

    /// <summary>Parameters of a form, each within its limits.</summary>
    private static double[] Within(string key, string parameters, TimingForm form)
    {
        IReadOnlyList<TimingParameter> known = form.Parameters;
        double[] found = Numbers(key, parameters, known.Count);
        for (int index = 0; index < found.Length; index++)
        {
            if (found[index] < known[index].Least || found[index] > known[index].Most)
            {
                throw new EfficiencyModelException(FormattableString.Invariant(
                    $"metadata {key}: found {found[index]} for {known[index].Name}; expected {known[index].Least} to {known[index].Most}"));
            }
        }

        return found;
    }

    private static double[] Numbers(string name, string text, int count)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double[] numbers = new double[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!double.TryParse(parts[index], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[index]) || !double.IsFinite(numbers[index]))
            {
                throw new EfficiencyModelException($"metadata {name}: found {parts[index]}; expected a number");
            }
        }

        return numbers.Length == count
            ? numbers
            : throw new EfficiencyModelException($"metadata {name}: found {numbers.Length} numbers; expected {count}");
    }
}
