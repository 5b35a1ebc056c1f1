using System.Collections.Concurrent;
using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;
using Microsoft.ML.OnnxRuntime;

namespace FastSim.Search.Surrogates;

/// <summary>
/// A learned efficiency in an ONNX file, run on the processor in batches of a fixed size through buffers that stay; a file that <see cref="TimeNetworkFile"/> wrote is computed without a runtime.
/// Serves any number of threads.
/// </summary>
public sealed class OnnxEfficiency : IEfficiencyModel, IDisposable
{
    private const int UsualRows = 96;
    private const int MostRows = 1 << 16;

    /// <summary>How far beyond what it was trained among a feature may lie, as a share of the span.</summary>
    private const float HullMargin = 0.05f;

    private readonly InferenceSession? session;
    private readonly RunOptions? runOptions;
    private readonly EnsembleLanes[]? lanes;
    private readonly OnnxMetadata metadata;
    private readonly ConcurrentBag<Runner> runners = [];
    private readonly int rows;

    private OnnxEfficiency(EnsembleLanes[] lanes, Dictionary<string, string> lines, string name)
    {
        this.lanes = lanes;
        Name = name;
        metadata = new OnnxMetadata(lines);
    }

    private OnnxEfficiency(InferenceSession session, string name)
    {
        this.session = session;
        runOptions = new RunOptions();
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

        metadata = new OnnxMetadata(session.ModelMetadata.CustomMetadataMap);
        Evaluate(metadata.Ranges.Keys.Min(), new float[OperatorFeatures.Count], new float[OnnxContract.AnswersPerRow]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Version => metadata.Version;

    /// <inheritdoc/>
    public IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Forms => metadata.Forms;

    /// <inheritdoc/>
    public IReadOnlyDictionary<(string Family, string Kind), double[]> Timings => metadata.Timings;

    /// <inheritdoc/>
    public bool HasFormsAtHeldRates => metadata.HasFormsAtHeldRates;

    /// <summary>Whether a runtime computes it; a file that the trainer wrote needs none.</summary>
    public bool HasRuntime => session is not null;

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

        if (TimeNetworkGraph.Read(content, out Dictionary<string, string> metadata) is { } lanes)
        {
            return new OnnxEfficiency(lanes, metadata, name);
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
    public AnswerRange? RangeOf(OperatorFamily family) => metadata.Ranges.TryGetValue(family, out AnswerRange range) ? range : null;

    /// <inheritdoc/>
    public bool Covers(OperatorFamily family, ReadOnlySpan<float> features)
    {
        if (metadata.Beyond.TryGetValue(family, out float mostHalfWidth))
        {
            Span<float> answers = stackalloc float[OnnxContract.AnswersPerRow];
            Evaluate(family, features, answers);
            return answers[1] <= mostHalfWidth;
        }

        if (!metadata.Hulls.TryGetValue(family, out float[]? hull))
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
        if (lanes is not null)
        {
            lanes[(int)family].Evaluate(features, answers);
            return;
        }

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
                    session!,
                    runOptions!,
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

        runOptions?.Dispose();
        session?.Dispose();
    }

    private Runner Bind()
    {
        try
        {
            return new Runner(session!, rows);
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
