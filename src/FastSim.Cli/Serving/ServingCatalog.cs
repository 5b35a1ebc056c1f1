using System.Collections.Concurrent;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Serving;

/// <summary>The models and chips that a table of deployments may name, found in folders and read once.</summary>
internal sealed class ServingCatalog
{
    private const int MostNear = 3;

    /// <summary>What a checkpoint's name adds to its architecture's: tuning and number formats.</summary>
    private static readonly string[] Variants =
        ["instruct", "chat", "it", "hf", "base", "fp8", "fp4", "nvfp4", "mxfp4", "bf16", "fp16", "int8", "int4", "awq", "gptq", "meta", "0528", "0324"];

    private readonly ServingFileList modelFiles;
    private readonly ServingFileList systemFiles;
    private readonly Findings findings = new(allowUnknownKeys: false);
    private readonly EfficiencyModels models = new();
    private readonly IEfficiencyModel? efficiency;
    private readonly ConcurrentDictionary<string, Lazy<(TransformerModel, string?)>> servedModels = new();
    private readonly ConcurrentDictionary<string, Lazy<(Chip, string?)>> chips = new();
    private readonly Lock gate = new();

    /// <summary>Looks into folders.</summary>
    /// <param name="modelFolders">Folders of model descriptions, such files, or tables of name and file.</param>
    /// <param name="systemFolders">The same of systems.</param>
    /// <exception cref="ConfigurationException">One of them cannot be read.</exception>
    /// <param name="efficiencyModel">File of a learned efficiency for all systems; null leaves each its own.</param>
    public ServingCatalog(IEnumerable<string> modelFolders, IEnumerable<string> systemFolders, string? efficiencyModel)
    {
        efficiency = efficiencyModel is null ? null : models.Load(efficiencyModel);
        modelFiles = new ServingFileList(modelFolders, "--models", "a folder of models, a model, or a CSV of name,file");
        systemFiles = new ServingFileList(systemFolders, "--systems", "a folder of systems, a system, or a CSV of name,file");
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

    /// <summary>A model by its published name, such as <c>deepseek-ai/DeepSeek-V3</c>, and how it was found where not by that name.</summary>
    /// <exception cref="UncoveredException">None is described, or it cannot be represented.</exception>
    public (TransformerModel Described, string? Note) Model(string name) =>
        servedModels.GetOrAdd(name, key => new Lazy<(TransformerModel, string?)>(() => ReadModel(key))).Value;

    /// <summary>A chip by name, such as <c>h100_sxm</c>, and how it was found where not by that name.</summary>
    /// <exception cref="UncoveredException">None is described.</exception>
    public (Chip Described, string? Note) Chip(string name) =>
        chips.GetOrAdd(name, key => new Lazy<(Chip, string?)>(() => ReadChip(key))).Value;

    private (TransformerModel Described, string? Note) ReadModel(string name)
    {
        string? own = modelFiles.Named(name) ?? modelFiles.Files.FirstOrDefault(path => Stem(path) == FileName(name));
        string file = own ?? OfArchitecture(name) ?? throw Unknown("model", name, NearestModel.Several(FileName(name), modelFiles.Names.Concat(modelFiles.Files.Select(Stem)), MostNear));
        try
        {
            lock (gate)
            {
                TransformerModel model = ModelFile.Load(file, findings);
                return model.Vocabulary > 0
                    ? (model, own is null ? $"model by its architecture: {Path.GetFileName(file)}" : null)
                    : throw new UncoveredException($"model {name}: {file} does not state its vocabulary");
            }
        }
        catch (ConfigurationException exception)
        {
            throw new UncoveredException($"model {name}: {exception.Message}");
        }
    }

    /// <summary>The only file of a model's architecture, or of those the only one of its owner; null where there is none.</summary>
    private string? OfArchitecture(string name)
    {
        string[] found = [.. modelFiles.Files.Where(path => Architecture(Stem(path)) == Architecture(name))];
        string owner = $"{name.Split('/')[0]}--";
        string[] own = [.. found.Where(path => Stem(path).StartsWith(owner, StringComparison.OrdinalIgnoreCase))];
        return (own.Length == 1 ? own : found) switch
        {
            [] => null,
            [var only] => only,
            var several => throw new UncoveredException(
                $"model {name}: {string.Join(" and ", several.Take(MostNear).Select(Path.GetFileName))} both have its architecture; a CSV of name,file for --models says which it is"),
        };
    }

    private (Chip Described, string? Note) ReadChip(string name)
    {
        string wanted = Plain(name);
        string? own = systemFiles.Named(name) ?? Single(systemFiles.Files.Where(path => Plain(Stem(path)) == wanted));
        string file = own
            ?? Single(systemFiles.Files.Where(path => IsOneWithMore(name, Stem(path)) || IsOneWithMore(Stem(path), name)))
            ?? throw Unknown("system", name, NearestChip.Several(name, systemFiles.Names.Concat(systemFiles.Files.Select(Stem)), MostNear));
        try
        {
            lock (gate)
            {
                Chip chip = SystemFile.Load(file, findings, models);
                if (chip.SecondMemory is not null)
                {
                    findings.Unused(SecondMemoryReader.Memory);
                }

                return (efficiency is null ? chip : chip with { Efficiency = efficiency }, own is null ? $"system {Stem(file)}" : null);
            }
        }
        catch (ConfigurationException exception)
        {
            throw new UncoveredException($"system {name}: {exception.Message}");
        }
    }

    /// <summary>Whether a name is another with more behind a separator: H100_SXM is H100, while H200 is no H20 and L40S no L40.</summary>
    private static bool IsOneWithMore(string name, string more)
    {
        string plain = Plain(name);
        int length = 0;
        for (int index = 0; index < more.Length; index++)
        {
            if (length == plain.Length)
            {
                return plain.Length > 0 && !char.IsAsciiLetterOrDigit(more[index]) && Plain(more).StartsWith(plain, StringComparison.Ordinal);
            }

            length += char.IsAsciiLetterOrDigit(more[index]) ? 1 : 0;
        }

        return false;
    }

    private static UncoveredException Unknown(string what, string name, ReadOnlySpan<string> near) =>
        new($"unknown {what} {name}{ConfigurationException.Suggestion(near)}");

    /// <summary>Published names have a slash where their files have two dashes.</summary>
    private static string FileName(string name) => name.Replace("/", "--", StringComparison.Ordinal);

    private static string? Single(IEnumerable<string> found) => found.Take(2).ToArray() is [var only] ? only : null;

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    private static string Plain(string name) => string.Concat(name.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit));

    /// <summary>A name without its owner and without what tuning and number formats add.</summary>
    private static string Architecture(string name)
    {
        List<string> parts = [];
        bool isAfterVariant = false;
        foreach (string part in name.Split('/')[^1].Split("--")[^1].ToUpperInvariant().Split('-', '_'))
        {
            // A second edition of a tuning or format is no other architecture; a second edition of a model is.
            bool isVariant = Variants.Contains(part, StringComparer.OrdinalIgnoreCase) || (isAfterVariant && part == "V2");
            isAfterVariant = isVariant;
            if (!isVariant)
            {
                parts.Add(part);
            }
        }

        return string.Join('-', parts);
    }
}
