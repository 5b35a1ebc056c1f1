using System.Collections.Concurrent;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Efficiency;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Serving;

namespace FastSim.Cli.Serving;

/// <summary>The models and chips that a table of deployments may name, found in folders and read once.</summary>
internal sealed class ServingCatalog
{
    private const int MostNear = 3;

    /// <summary>What a checkpoint's name adds to its architecture's: tuning and number formats.</summary>
    private static readonly string[] Variants =
        ["instruct", "chat", "it", "hf", "base", "fp8", "fp4", "nvfp4", "mxfp4", "bf16", "fp16", "int8", "int4", "awq", "gptq", "meta", "v2", "0528", "0324"];

    private readonly IReadOnlyList<string> modelFiles;
    private readonly IReadOnlyList<string> systemFiles;
    private readonly Findings findings = new(allowUnknownKeys: false);
    private readonly EfficiencyModels models = new();
    private readonly IEfficiencyModel? efficiency;
    private readonly ConcurrentDictionary<string, Lazy<ServedModel>> servedModels = new();
    private readonly ConcurrentDictionary<string, Lazy<ChipTimings>> chips = new();
    private readonly Lock gate = new();

    /// <summary>Looks into folders.</summary>
    /// <param name="modelFolders">Folders of model descriptions.</param>
    /// <param name="systemFolders">Folders of systems.</param>
    /// <exception cref="ConfigurationException">A folder cannot be listed.</exception>
    /// <param name="efficiencyModel">File of a learned efficiency for all systems; null leaves each its own.</param>
    public ServingCatalog(IEnumerable<string> modelFolders, IEnumerable<string> systemFolders, string? efficiencyModel)
    {
        efficiency = efficiencyModel is null ? null : models.Load(efficiencyModel);
        modelFiles = Files(modelFolders, "a folder of models");
        systemFiles = Files(systemFolders, "a folder of systems");
    }

    /// <summary>What was noticed in the files, each once, in order.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (gate)
            {
                return [.. findings.Warnings.Concat(models.Partial).Distinct().Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A model by its published name, such as <c>deepseek-ai/DeepSeek-V3</c>.</summary>
    /// <exception cref="UncoveredException">None is described, or it cannot be represented.</exception>
    public ServedModel Model(string name) => servedModels.GetOrAdd(name, key => new Lazy<ServedModel>(() => ReadModel(key))).Value;

    /// <summary>A chip by name, such as <c>h100_sxm</c>.</summary>
    /// <exception cref="UncoveredException">None is described, or it has no timings.</exception>
    public ChipTimings Chip(string name) => chips.GetOrAdd(name, key => new Lazy<ChipTimings>(() => ReadChip(key))).Value;

    private ServedModel ReadModel(string name)
    {
        string file = modelFiles.FirstOrDefault(path => Stem(path) == name.Replace("/", "--", StringComparison.Ordinal))
            ?? Single(modelFiles.Where(path => Architecture(Stem(path)) == Architecture(name)))
            ?? throw Unknown("model", name, modelFiles);
        try
        {
            lock (gate)
            {
                ServedModel model = new(ModelFile.Load(file, findings));
                return model.Model.Vocabulary > 0 ? model : throw new UncoveredException($"model {name}: {file} does not state its vocabulary");
            }
        }
        catch (ConfigurationException exception)
        {
            throw new UncoveredException($"model {name}: {exception.Message}");
        }
    }

    private ChipTimings ReadChip(string name)
    {
        string wanted = Plain(name);
        string file = Single(systemFiles.Where(path => Plain(Stem(path)) == wanted))
            ?? Single(systemFiles.Where(path => wanted.StartsWith(Plain(Stem(path)), StringComparison.Ordinal) || Plain(Stem(path)).StartsWith(wanted, StringComparison.Ordinal)))
            ?? throw Unknown("system", name, systemFiles);
        try
        {
            lock (gate)
            {
                Chip chip = SystemFile.Load(file, findings, models);
                return new ChipTimings(efficiency is null ? chip : chip with { Efficiency = efficiency });
            }
        }
        catch (Exception exception) when (exception is ConfigurationException or MissingTimingException)
        {
            throw new UncoveredException($"system {name}: {exception.Message}");
        }
    }

    private static UncoveredException Unknown(string what, string name, IReadOnlyList<string> files)
    {
        // Published names have a slash where their files have two dashes.
        string[] near = NearestName.Several(name.Replace("/", "--", StringComparison.Ordinal), files.Select(Stem), MostNear);
        return new UncoveredException($"unknown {what} {name}{ConfigurationException.Suggestion(near)}");
    }

    private static string? Single(IEnumerable<string> found) => found.Take(2).ToArray() is [var only] ? only : null;

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    private static string Plain(string name) => string.Concat(name.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit));

    /// <summary>A name without its owner and without what tuning and number formats add.</summary>
    private static string Architecture(string name)
    {
        string own = name.Split('/')[^1].Split("--")[^1];
        return string.Join('-', own.ToUpperInvariant().Split('-', '_').Where(part => !Variants.Contains(part, StringComparer.OrdinalIgnoreCase)));
    }

    private static string[] Files(IEnumerable<string> folders, string what)
    {
        List<string> files = [];
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder))
            {
                throw new ConfigurationException($"{folder}: found no such folder; expected {what}");
            }

            files.AddRange(Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal));
        }

        return [.. files];
    }
}
