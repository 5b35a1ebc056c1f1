using System.Collections.Concurrent;
using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using Microsoft.ML.OnnxRuntime;

namespace FastSim.Search.Surrogates;

/// <summary>A learned efficiency in an ONNX file, run on the processor in batches of a fixed size through buffers that stay. Serves any number of threads.</summary>
public sealed class OnnxEfficiency : IEfficiencyModel, IDisposable
{
    private const int UsualRows = 96;
    private const int MostRows = 1 << 16;

    /// <summary>How far beyond what it was trained among a feature may lie, as a share of the span.</summary>
    private const float HullMargin = 0.05f;

    private readonly InferenceSession session;
    private readonly RunOptions runOptions = new();
    private readonly Dictionary<OperatorFamily, AnswerRange> ranges = [];
    private readonly Dictionary<OperatorFamily, float[]> hulls = [];
    private readonly Dictionary<OperatorFamily, float> beyond = [];
    private readonly Dictionary<(OperatorFamily, int), double[]> forms = [];
    private readonly Dictionary<(string, string), double[]> timings = [];
    private readonly ConcurrentBag<Runner> runners = [];
    private readonly int rows;

    private OnnxEfficiency(InferenceSession session, string name)
    {
        this.session = session;
        Name = name;
        NodeMetadata features = Tensor(session.InputMetadata, "input", OnnxContract.Features, typeof(float), 2);
        Tensor(session.InputMetadata, "input", OnnxContract.Family, typeof(long), 1);
        NodeMetadata answers = Tensor(session.OutputMetadata, "output", OnnxContract.Answers, typeof(float), 2);
        if (features.Dimensions[1] != OperatorFeatures.Count)
        {
            throw new EfficiencyModelException(
                $"input {OnnxContract.Features}: found rows of {Words(features.Dimensions[1])}; expected {OperatorFeatures.Count} features a row");
        }

        if (session.InputMetadata.Count > 2)
        {
            throw new EfficiencyModelException(
                $"inputs: found {string.Join(", ", session.InputMetadata.Keys.Order(StringComparer.Ordinal))}; expected {OnnxContract.Family} and {OnnxContract.Features} alone");
        }

        if (answers.Dimensions[1] > 0 && answers.Dimensions[1] != OnnxContract.AnswersPerRow)
        {
            throw new EfficiencyModelException(
                $"output {OnnxContract.Answers}: found rows of {answers.Dimensions[1]}; expected {OnnxContract.AnswersPerRow} answers a row");
        }

        rows = features.Dimensions[0] > 0 ? features.Dimensions[0] : UsualRows;
        if (rows > MostRows || (answers.Dimensions[0] > 0 && answers.Dimensions[0] != rows))
        {
            throw new EfficiencyModelException(
                $"input {OnnxContract.Features}: found {Words(features.Dimensions[0])} rows, and {Words(answers.Dimensions[0])} of {OnnxContract.Answers}; expected as many of both, any number or up to {MostRows}");
        }

        Version = ReadMetadata(session.ModelMetadata.CustomMetadataMap);
        Evaluate(ranges.Keys.Min(), new float[OperatorFeatures.Count], new float[OnnxContract.AnswersPerRow]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Version { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Forms => forms;

    /// <inheritdoc/>
    public IReadOnlyDictionary<(string Family, string Kind), double[]> Timings => timings;

    /// <inheritdoc/>
    public bool HasFormsAtHeldRates { get; private set; }

    /// <summary>Loads a model.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="folder">Folder of weights that the model leaves to files beside it (<see cref="OnnxStructure.Check"/>); null for none.</param>
    /// <exception cref="EfficiencyModelException">It is none, or does not keep the contract.</exception>
    public static OnnxEfficiency Load(byte[] content, string name, string? folder = null)
    {
        if (OnnxStructure.Check(content).FirstOrDefault() is { } beside && folder is null)
        {
            throw new EfficiencyModelException($"found weights in {beside}; expected them in the model");
        }

        try
        {
            using SessionOptions options = new()
            {
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");

            // What a node makes of constants has no bound before it runs; when it runs, the allocator has one.
            options.AddSessionConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
            options.AddSessionConfigEntry("session.use_env_allocators", BoundedAllocator.IsThere ? "1" : "0");
            if (folder is not null)
            {
                options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
            }

            return new OnnxEfficiency(new InferenceSession(content, options), name);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EfficiencyModelException($"found no ONNX model that runs: {Line(exception)}; expected one", exception);
        }
        catch (Exception exception) when (exception is not EfficiencyModelException)
        {
            // The runtime's bindings are not made for inputs of other kinds, names that come twice, and the like.
            throw new EfficiencyModelException($"found no ONNX model that runs: the runtime failed on it ({exception.GetType().Name}); expected one", exception);
        }
    }

    /// <inheritdoc/>
    public AnswerRange? RangeOf(OperatorFamily family) => ranges.TryGetValue(family, out AnswerRange range) ? range : null;

    /// <inheritdoc/>
    public bool Covers(OperatorFamily family, ReadOnlySpan<float> features)
    {
        if (beyond.TryGetValue(family, out float mostHalfWidth))
        {
            Span<float> answers = stackalloc float[OnnxContract.AnswersPerRow];
            Evaluate(family, features, answers);
            return answers[1] <= mostHalfWidth;
        }

        if (!hulls.TryGetValue(family, out float[]? hull))
        {
            return false;
        }

        for (int feature = 0; feature < OperatorFeatures.Count; feature++)
        {
            float least = hull[2 * feature];
            float most = hull[(2 * feature) + 1];
            float margin = (HullMargin * (most - least)) + 1e-3f;
            if (!(features[feature] >= least - margin && features[feature] <= most + margin))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Evaluate(OperatorFamily family, ReadOnlySpan<float> features, Span<float> answers)
    {
        if (!runners.TryTake(out Runner? runner))
        {
            runner = Bind();
        }

        int count = features.Length / OperatorFeatures.Count;
        for (int first = 0; first < count; first += rows)
        {
            int some = Math.Min(rows, count - first);
            try
            {
                runner.Run(
                    session,
                    runOptions,
                    (long)family,
                    features.Slice(first * OperatorFeatures.Count, some * OperatorFeatures.Count),
                    answers.Slice(first * OnnxContract.AnswersPerRow, some * OnnxContract.AnswersPerRow));
            }
            catch (OnnxRuntimeException exception)
            {
                throw new EfficiencyModelException($"{Name}: {family}: the model failed: {Line(exception)}", exception);
            }
        }

        runners.Add(runner);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (runners.TryTake(out Runner? runner))
        {
            runner.Dispose();
        }

        runOptions.Dispose();
        session.Dispose();
    }

    private Runner Bind()
    {
        try
        {
            return new Runner(session, rows);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EfficiencyModelException($"{Name}: the model cannot be bound: {Line(exception)}", exception);
        }
    }

    /// <summary>One allocator of the process, with a bound: a node may ask for any size.</summary>
    private static class BoundedAllocator
    {
        private const uint MostBytes = 512 << 20;

        /// <summary>Whether it could be made; sessions have one of their own otherwise.</summary>
        public static bool IsThere { get; } = Make();

        private static bool Make()
        {
            try
            {
                const int SameAsRequested = 1;
                using OrtMemoryInfo memory = new(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
                using OrtArenaCfg arena = new(MostBytes, SameAsRequested, -1, -1);
                OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
                return true;
            }
            catch (OnnxRuntimeException)
            {
                return false;
            }
        }
    }

    private static string Line(OnnxRuntimeException exception) =>
        string.Join(' ', exception.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static NodeMetadata Tensor(IReadOnlyDictionary<string, NodeMetadata> nodes, string what, string name, Type type, int dimensions)
    {
        if (!nodes.TryGetValue(name, out NodeMetadata? node))
        {
            throw new EfficiencyModelException($"found no {what} {name} among {string.Join(", ", nodes.Keys)}; expected it");
        }

        return node.IsTensor && node.ElementType == type && node.Dimensions.Length == dimensions
            ? node
            : throw new EfficiencyModelException(
                $"{what} {name}: found {(node.IsTensor ? node.ElementType.Name : node.OnnxValueType.ToString())} of {node.Dimensions.Length} dimensions; expected {type.Name} of {dimensions}");
    }

    private static string Words(int dimension) => dimension > 0 ? dimension.ToString(CultureInfo.InvariantCulture) : "any number";

    /// <returns>Version of the contract that the model keeps.</returns>
    private int ReadMetadata(Dictionary<string, string> metadata)
    {
        int contract = metadata.GetValueOrDefault(OnnxContract.Version) switch
        {
            "1" => OperatorFeatures.Version,
            "2" => OperatorComponents.Version,
            string other => throw new EfficiencyModelException($"metadata {OnnxContract.Version}: found {other}; expected 1 or 2"),
            _ => throw new EfficiencyModelException($"metadata {OnnxContract.Version}: found nothing; expected 1 or 2"),
        };
        string[] prefixes = contract == OperatorFeatures.Version
            ? [OnnxContract.RangePrefix, OnnxContract.HullPrefix]
            : [OnnxContract.RangePrefix, OnnxContract.HullPrefix, OnnxContract.BeyondPrefix];
        foreach (string key in metadata.Keys.Order(StringComparer.Ordinal))
        {
            if (contract == OperatorFeatures.Version && OnnxContract.OfVersionTwo.Any(known => key.StartsWith(known, StringComparison.Ordinal)))
            {
                throw new EfficiencyModelException(
                    $"metadata {key}: found in a model of version 1, which has no such line; expected {OnnxContract.Version} to be 2, or the line left out");
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

    /// <summary>Buffers of one run, bound once. Every run has all its rows, so that an answer's rounding does not depend on how many were asked.</summary>
    private sealed class Runner : IDisposable
    {
        private readonly long[] family = new long[1];
        private readonly float[] features;
        private readonly float[] answers;
        private readonly OrtValue familyValue;
        private readonly OrtValue featuresValue;
        private readonly OrtValue answersValue;
        private readonly OrtIoBinding binding;

        public Runner(InferenceSession session, int rows)
        {
            features = GC.AllocateArray<float>(rows * OperatorFeatures.Count, pinned: true);
            answers = GC.AllocateArray<float>(rows * OnnxContract.AnswersPerRow, pinned: true);
            familyValue = OrtValue.CreateTensorValueFromMemory(family, [1]);
            featuresValue = OrtValue.CreateTensorValueFromMemory(features, [rows, OperatorFeatures.Count]);
            answersValue = OrtValue.CreateTensorValueFromMemory(answers, [rows, OnnxContract.AnswersPerRow]);
            binding = session.CreateIoBinding();
            if (session.InputMetadata.ContainsKey(OnnxContract.Family))
            {
                binding.BindInput(OnnxContract.Family, familyValue);
            }

            binding.BindInput(OnnxContract.Features, featuresValue);
            binding.BindOutput(OnnxContract.Answers, answersValue);
        }

        public void Run(InferenceSession session, RunOptions options, long number, ReadOnlySpan<float> asked, Span<float> given)
        {
            family[0] = number;
            asked.CopyTo(features);
            features.AsSpan(asked.Length).Clear();
            session.RunWithBinding(options, binding);

            answers.AsSpan(0, given.Length).CopyTo(given);
        }

        public void Dispose()
        {
            binding.Dispose();
            answersValue.Dispose();
            featuresValue.Dispose();
            familyValue.Dispose();
        }
    }
}
