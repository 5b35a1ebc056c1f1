namespace FastSim.Search.Surrogates;

/// <summary>An ONNX model as it is built: nodes, constants, inputs and outputs (onnx.proto of the ONNX specification, opset 17).</summary>
internal sealed class OnnxGraph
{
    /// <summary>Element type of floats.</summary>
    public const int Float = 1;

    /// <summary>Element type of 64-bit integers.</summary>
    public const int Integer = 7;

    private const int FormatVersion = 8;
    private const int OperatorSet = 17;

    private readonly ProtocolBuffer graph = new();
    private readonly List<(string Key, string Value)> metadata = [];

    /// <summary>Adds a node of one output; its integer attributes are by name.</summary>
    /// <returns>The output's name.</returns>
    public string Node(string type, string output, string[] inputs, params (string Name, long Value)[] attributes) =>
        Nodes(type, [output], inputs, attributes)[0];

    /// <summary>Adds a node of several outputs.</summary>
    /// <returns>The outputs' names.</returns>
    public string[] Nodes(string type, string[] outputs, string[] inputs, params (string Name, long Value)[] attributes)
    {
        ProtocolBuffer node = new();
        foreach (string input in inputs)
        {
            node.Add(1, input);
        }

        foreach (string output in outputs)
        {
            node.Add(2, output);
        }

        node.Add(3, outputs[0]).Add(4, type);
        foreach ((string name, long value) in attributes)
        {
            const int IntegerAttribute = 2;
            node.Add(5, new ProtocolBuffer().Add(1, name).Add(3, value).Add(20, IntegerAttribute));
        }

        graph.Add(1, node);
        return outputs;
    }

    /// <summary>Adds a constant of floats.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params long[] dimensions)
    {
        ProtocolBuffer tensor = new();
        foreach (long dimension in dimensions)
        {
            tensor.Add(1, dimension);
        }

        graph.Add(5, tensor.Add(2, Float).Add(8, name).Add(9, values));
        return name;
    }

    /// <summary>Adds an input.</summary>
    public string Input(string name, int elementType, params string[] dimensions)
    {
        graph.Add(11, Description(name, elementType, dimensions));
        return name;
    }

    /// <summary>Adds an output.</summary>
    public void Output(string name, int elementType, params string[] dimensions) => graph.Add(12, Description(name, elementType, dimensions));

    /// <summary>Adds a line of metadata.</summary>
    public void Describe(string key, string value) => metadata.Add((key, value));

    /// <summary>The file's bytes.</summary>
    public byte[] ToArray()
    {
        graph.Add(2, "efficiency");
        ProtocolBuffer model = new ProtocolBuffer()
            .Add(1, FormatVersion)
            .Add(2, "FastSim")
            .Add(7, graph)
            .Add(8, new ProtocolBuffer().Add(1, "").Add(2, OperatorSet));
        foreach ((string key, string value) in metadata)
        {
            model.Add(14, new ProtocolBuffer().Add(1, key).Add(2, value));
        }

        return model.ToArray();
    }

    private static ProtocolBuffer Description(string name, int elementType, string[] dimensions)
    {
        ProtocolBuffer shape = new();
        foreach (string dimension in dimensions)
        {
            ProtocolBuffer own = new();
            shape.Add(1, long.TryParse(dimension, out long size) ? own.Add(1, size) : own.Add(2, dimension));
        }

        ProtocolBuffer tensor = new ProtocolBuffer().Add(1, elementType).Add(2, shape);
        return new ProtocolBuffer().Add(1, name).Add(2, new ProtocolBuffer().Add(1, tensor));
    }
}
