using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Search.Surrogates;

/// <summary>
/// The graph of files of trained ensembles (<see cref="TimeNetworkFile"/>): three layers, whose weights lie a family after the other and are picked by its number. A file that is this graph to
/// the byte, whatever its weights, is computed without a runtime (<see cref="EnsembleLanes"/>).
/// </summary>
internal static class TimeNetworkGraph
{
    /// <summary>Name of the first layer.</summary>
    public const string FirstLayer = "first";

    /// <summary>Name of the second layer.</summary>
    public const string SecondLayer = "second";

    /// <summary>Name of the last layer.</summary>
    public const string LastLayer = "answers";

    /// <summary>Inputs of the first layer: an operator's row.</summary>
    public const int FirstInputs = OperatorComponents.Count;

    /// <summary>Units of the first layer, of all members.</summary>
    public const int FirstUnits = Members * MonotoneNetwork.First;

    /// <summary>Inputs of the second layer: what pairs of the first leave, and the row.</summary>
    public const int SecondInputs = (FirstUnits / 2) + FirstInputs;

    /// <summary>Units of the second layer.</summary>
    public const int SecondUnits = Members * MonotoneNetwork.Second;

    /// <summary>Inputs of the last layer.</summary>
    public const int LastInputs = (SecondUnits / 2) + FirstInputs;

    /// <summary>Units of the last layer: a member each, and the half width where members agree.</summary>
    public const int LastUnits = Members + 1;

    /// <summary>Families, whose weights lie one after the other.</summary>
    public static readonly int Families = Enum.GetValues<OperatorFamily>().Length;

    private const string Rows = "rows";
    private const int GraphField = 7;
    private const int MetadataField = 14;
    private const int ConstantField = 5;
    private const int NameField = 8;
    private const int ValuesField = 9;
    private const int Members = TimeEnsemble.Size;

    private static readonly (string Name, int Inputs, int Units)[] Layers =
        [(FirstLayer, FirstInputs, FirstUnits), (SecondLayer, SecondInputs, SecondUnits), (LastLayer, LastInputs, LastUnits)];

    /// <summary>The graph, without metadata.</summary>
    /// <param name="layer">Weights of a layer by its name, a family after the other.</param>
    public static OnnxGraph Of(Func<string, LayerWeights> layer)
    {
        OnnxGraph graph = new();
        string number = graph.Node("Squeeze", "number", [graph.Input(OnnxContract.Family, OnnxGraph.Integer, "1")]);
        string features = graph.Input(OnnxContract.Features, OnnxGraph.Float, Rows, FirstInputs.ToString(CultureInfo.InvariantCulture));

        string Pick(string name, float[] all, params long[] dimensions) =>
            graph.Node("Gather", name, [graph.Constant(ConstantOf(name), all, [Families, .. dimensions]), number], ("axis", 0));

        string Layer(string name, string input, int inputs, int units)
        {
            LayerWeights own = layer(name);
            return graph.Node(
                "Add",
                name,
                [
                    graph.Node("MatMul", $"{name}_product", [input, Pick(WeightsOf(name), own.Weights, inputs, units)]),
                    Pick(BiasesOf(name), own.Biases, units),
                ]);
        }

        string Left(string name, string units)
        {
            string[] quarters = graph.Nodes("Split", [$"{name}_larger", $"{name}_smaller", $"{name}_or_larger", $"{name}_or_smaller"], [units], ("axis", 1));
            return graph.Node(
                "Concat",
                $"{name}_left",
                [
                    graph.Node("Max", $"{name}_max", [quarters[0], quarters[2]]),
                    graph.Node("Min", $"{name}_min", [quarters[1], quarters[3]]),
                    features,
                ],
                ("axis", 1));
        }

        string first = Left(FirstLayer, Layer(FirstLayer, features, FirstInputs, FirstUnits));
        string second = Left(SecondLayer, Layer(SecondLayer, first, SecondInputs, SecondUnits));
        string answers = Layer(LastLayer, second, LastInputs, LastUnits);
        string[] columns = graph.Nodes(
            "Split", [.. Enumerable.Range(0, Members).Select(member => $"member_{member}"), "half_width_sum"], [answers], ("axis", 1));
        string[] each = columns[..Members];
        string spread = graph.Node("Sub", "spread", [graph.Node("Max", "most", each), graph.Node("Min", "least", each)]);
        string width = graph.Node("Add", "half_width", [spread, graph.Node("Relu", "half_width_alike", [columns[Members]])]);
        graph.Node("Concat", OnnxContract.Answers, [graph.Node("Mean", "logarithm", each), width], ("axis", 1));
        graph.Output(OnnxContract.Answers, OnnxGraph.Float, Rows, "2");
        return graph;
    }

    /// <summary>Reads a file that is this graph and lines of metadata after it.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="metadata">Receives the lines.</param>
    /// <returns>An ensemble a family, by its number; null where the file is any other.</returns>
    public static EnsembleLanes[]? Read(ReadOnlySpan<byte> content, out Dictionary<string, string> metadata)
    {
        metadata = [];
        Dictionary<string, float[]> constants = [];
        ProtocolFields model = new(content);
        while (model.Next())
        {
            if (model.Number == GraphField)
            {
                ReadConstants(model.Content, constants);
            }
        }

        Dictionary<string, LayerWeights> layers = [];
        foreach ((string name, int inputs, int units) in Layers)
        {
            if (!constants.TryGetValue(ConstantOf(WeightsOf(name)), out float[]? weights) || weights.Length != Families * inputs * units
                || !constants.TryGetValue(ConstantOf(BiasesOf(name)), out float[]? biases) || biases.Length != Families * units)
            {
                return null;
            }

            layers[name] = new LayerWeights(weights, biases);
        }

        byte[] same = Of(name => layers[name]).ToArray();
        return content.StartsWith(same) && ReadMetadata(content[same.Length..], metadata)
            ? [.. Enumerable.Range(0, Families).Select(family => new EnsembleLanes(
                Own(layers[FirstLayer], family), Own(layers[SecondLayer], family), Own(layers[LastLayer], family)))]
            : null;
    }

    private static void ReadConstants(ReadOnlySpan<byte> graph, Dictionary<string, float[]> constants)
    {
        ProtocolFields fields = new(graph);
        while (fields.Next())
        {
            if (fields.Number == ConstantField)
            {
                string name = "";
                float[] values = [];
                ProtocolFields tensor = new(fields.Content);
                while (tensor.Next())
                {
                    if (tensor.Number == NameField)
                    {
                        name = Encoding.UTF8.GetString(tensor.Content);
                    }
                    else if (tensor.Number == ValuesField)
                    {
                        values = Values(tensor.Content);
                    }
                }

                constants[name] = values;
            }
        }
    }

    private static float[] Values(ReadOnlySpan<byte> raw)
    {
        float[] values = new float[raw.Length / sizeof(float)];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(raw[(index * sizeof(float))..]);
        }

        return values;
    }

    /// <summary>Reads lines of metadata; false where there is anything else, or a key twice.</summary>
    private static bool ReadMetadata(ReadOnlySpan<byte> rest, Dictionary<string, string> metadata)
    {
        ProtocolFields fields = new(rest);
        while (fields.Next())
        {
            string key = "";
            string value = "";
            ProtocolFields line = new(fields.Number == MetadataField ? fields.Content : []);
            while (line.Next())
            {
                if (line.Number == 1)
                {
                    key = Encoding.UTF8.GetString(line.Content);
                }
                else
                {
                    value = Encoding.UTF8.GetString(line.Content);
                }
            }

            if (fields.Number != MetadataField || !metadata.TryAdd(key, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A family's own of a layer's weights.</summary>
    private static LayerWeights Own(in LayerWeights all, int family)
    {
        int weights = all.Weights.Length / Families;
        int biases = all.Biases.Length / Families;
        return new LayerWeights(all.Weights[(family * weights)..((family + 1) * weights)], all.Biases[(family * biases)..((family + 1) * biases)]);
    }

    private static string WeightsOf(string layer) => $"{layer}_weights";

    private static string BiasesOf(string layer) => $"{layer}_biases";

    private static string ConstantOf(string name) => $"{name}_of_all";
}
