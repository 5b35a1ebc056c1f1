using System.Security.Cryptography;
using FastSim.Kernels.Chips;
using FastSim.Search.Surrogates;

namespace FastSim.Cli.Configuration;

/// <summary>Learned efficiencies that files and the command line name, each read once.</summary>
public sealed class EfficiencyModels
{
    private const int MostNear = 3;

    private readonly Dictionary<string, IEfficiencyModel> loaded = new(StringComparer.Ordinal);
    private readonly SortedSet<string> digests = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>Names and digests of the models read so far, in order.</summary>
    public IReadOnlyList<string> Digests
    {
        get
        {
            lock (gate)
            {
                return [.. digests];
            }
        }
    }

    /// <summary>Of each model read so far that does not know every family of operators, which it does not.</summary>
    public IReadOnlyList<string> Partial
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. from model in loaded.Values
                       let unknown = Enum.GetValues<OperatorFamily>().Where(family => model.RangeOf(family) is null).ToArray()
                       where unknown.Length > 0
                       orderby model.Name
                       select $"{model.Name} does not know {string.Join(", ", unknown)}: these keep the systems' tables and timings",
                ];
            }
        }
    }

    /// <summary>The model that a key names.</summary>
    internal IEfficiencyModel Get(JsonValue value) => Load(Find(value));

    /// <summary>The file that a key names: a path from the working directory, or from the folder of the file it stands in.</summary>
    internal static string Find(JsonValue value)
    {
        string name = value.Text("the path of an ONNX model");
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw value.Complaint("the path of an ONNX model");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(value.File))!;
        string beside = Path.Combine(folder, name);
        string? file = File.Exists(name) ? name : null;
        file ??= File.Exists(beside) ? beside : null;
        if (file is null)
        {
            throw value.Complaint(
                "the path of an ONNX model, from the working directory or the file's folder; there is no such file",
                NearestName.Several(Path.GetFileName(name), Siblings(name, beside), MostNear));
        }

        return file;
    }

    /// <summary>The model in a file.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public IEfficiencyModel Load(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (string.IsNullOrWhiteSpace(file) || file.Contains('\0', StringComparison.Ordinal))
        {
            throw new ConfigurationException("--efficiency-model: found nothing; expected the path of an ONNX model");
        }

        string key = Path.GetFullPath(file);
        lock (gate)
        {
            if (!loaded.TryGetValue(key, out IEfficiencyModel? model))
            {
                try
                {
                    model = Read(file);
                }
                catch (EfficiencyModelException exception)
                {
                    throw new ConfigurationException(
                        exception.Message.StartsWith($"{file}: ", StringComparison.Ordinal) ? exception.Message : $"{file}: {exception.Message}", exception);
                }

                loaded[key] = model;
            }

            return model;
        }
    }

    /// <summary>Reads a model, and the weights that it leaves to files beside it: they are as much of it as its own bytes.</summary>
    private OnnxEfficiency Read(string file)
    {
        byte[] content = InputFile.Bytes(file, InputForm.Onnx);
        IReadOnlyCollection<string> beside = OnnxStructure.Check(content);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        long bytes = content.Length;
        string weights = "";
        foreach (string name in beside)
        {
            byte[] own = InputFile.Bytes(Path.Combine(folder, name), InputForm.Onnx);
            bytes += own.Length;
            weights += $" {name} {Convert.ToHexString(SHA256.HashData(own))}";
        }

        if (bytes > InputForm.Onnx.MostBytes)
        {
            throw new EfficiencyModelException($"found {bytes} bytes of model and weights; expected at most {InputForm.Onnx.MostBytes >> 20} MiB");
        }

        OnnxEfficiency model = ForeignParser.RunLimited(
            file, InputForm.Onnx.What, bytes, () => OnnxEfficiency.Load(content, file, beside.Count > 0 ? folder : null));
        digests.Add($"{Path.GetFileName(file)} {Convert.ToHexString(SHA256.HashData(content))}{weights}");
        return model;
    }

    private static string[] Siblings(params string[] paths) =>
    [
        .. paths.Select(path => Path.GetDirectoryName(Path.GetFullPath(path))!)
            .Distinct()
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.onnx"))
            .Select(file => Path.GetFileName(file))
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
