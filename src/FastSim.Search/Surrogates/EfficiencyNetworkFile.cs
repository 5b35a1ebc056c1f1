using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Search.Surrogates;

/// <summary>Writes trained networks, one a family, as one ONNX model that keeps the contract: the family's weights are picked by its number.</summary>
public static class EfficiencyNetworkFile
{
    private const string Rows = "rows";

    /// <summary>The file's bytes.</summary>
    /// <param name="networks">Networks and the least and most of each feature that they were trained among, by family.</param>
    /// <param name="notes">Further lines of metadata: what it was trained on, by whom.</param>
    public static byte[] Write(
        IReadOnlyDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> networks, IEnumerable<(string Key, string Value)> notes)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(notes);
        const int Inputs = OperatorFeatures.Count;
        const int Hidden = EfficiencyNetwork.Hidden;
        const int Outputs = EfficiencyNetwork.Outputs;
        OnnxGraph graph = new();
        string number = graph.Node("Squeeze", "number", [graph.Input(OnnxContract.Family, OnnxGraph.Integer, "1")]);
        string features = graph.Input(
            OnnxContract.Features, OnnxGraph.Float, Rows, OperatorFeatures.Count.ToString(CultureInfo.InvariantCulture));

        string Pick(string name, Func<EfficiencyNetwork, float[]> part, params long[] dimensions)
        {
            long size = dimensions.Aggregate(1L, (product, dimension) => product * dimension);
            float[] all = new float[size * Enum.GetValues<OperatorFamily>().Length];
            foreach ((OperatorFamily family, (EfficiencyNetwork network, _)) in networks)
            {
                part(network).CopyTo(all, (int)family * size);
            }

            string stacked = graph.Constant($"{name}_of_all", all, [Enum.GetValues<OperatorFamily>().Length, .. dimensions]);
            return graph.Node("Gather", name, [stacked, number], ("axis", 0));
        }

        string Layer(string name, string input, string weights, string biases) =>
            graph.Node("Add", $"{name}_sum", [graph.Node("MatMul", $"{name}_product", [input, weights]), biases]);

        string first = graph.Node(
            "Relu",
            "first",
            [
                Layer(
                    "first",
                    features,
                    Pick("first_weights", network => network.FirstWeights.ToArray(), Inputs, Hidden),
                    Pick("first_biases", network => network.FirstBiases.ToArray(), Hidden)),
            ]);
        string second = graph.Node(
            "Relu",
            "second",
            [
                Layer(
                    "second",
                    first,
                    Pick("second_weights", network => network.SecondWeights.ToArray(), Hidden, Hidden),
                    Pick("second_biases", network => network.SecondBiases.ToArray(), Hidden)),
            ]);
        string share = graph.Node(
            "Sigmoid",
            "share",
            [
                Layer(
                    "answer",
                    second,
                    Pick("answer_weights", AnswerWeights, Hidden, Outputs),
                    Pick("answer_biases", network => network.OutputBiases.ToArray(), Outputs)),
            ]);
        string logarithm = graph.Node(
            "Add",
            "logarithm",
            [
                graph.Node("Mul", "part_of_span", [share, Pick("spans", network => Spans(network.Range), Outputs)]),
                Pick("least", network => Logarithms(network.Range), Outputs),
            ]);
        graph.Node("Exp", OnnxContract.Answers, [logarithm]);
        graph.Output(OnnxContract.Answers, OnnxGraph.Float, Rows, Outputs.ToString(CultureInfo.InvariantCulture));
        graph.Describe(OnnxContract.Version, OperatorFeatures.Version.ToString(CultureInfo.InvariantCulture));
        foreach ((OperatorFamily family, (EfficiencyNetwork network, float[] hull)) in networks.OrderBy(pair => pair.Key))
        {
            EfficiencyRange range = network.Range;
            graph.Describe(
                OnnxContract.RangePrefix + family,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{range.LeastEfficiency} {range.MostEfficiency} {range.LeastFloorMicroseconds} {range.MostFloorMicroseconds}"));
            graph.Describe(
                OnnxContract.HullPrefix + family, string.Join(' ', hull.Select(bound => bound.ToString("G7", CultureInfo.InvariantCulture))));
        }

        foreach ((string key, string value) in notes)
        {
            graph.Describe(key, value);
        }

        return graph.ToArray();
    }

    private static float[] AnswerWeights(EfficiencyNetwork network)
    {
        float[] turned = new float[network.OutputWeights.Length];
        for (int output = 0; output < EfficiencyNetwork.Outputs; output++)
        {
            for (int unit = 0; unit < EfficiencyNetwork.Hidden; unit++)
            {
                turned[(unit * EfficiencyNetwork.Outputs) + output] = network.OutputWeights[(output * EfficiencyNetwork.Hidden) + unit];
            }
        }

        return turned;
    }

    private static float[] Spans(EfficiencyRange range) =>
    [
        (float)Math.Log(range.MostEfficiency / range.LeastEfficiency),
        (float)Math.Log(range.MostFloorMicroseconds / range.LeastFloorMicroseconds),
    ];

    private static float[] Logarithms(EfficiencyRange range) =>
        [(float)Math.Log(range.LeastEfficiency), (float)Math.Log(range.LeastFloorMicroseconds)];
}
