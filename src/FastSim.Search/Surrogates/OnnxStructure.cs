using System.Globalization;
using FastSim.Kernels.Chips;

namespace FastSim.Search.Surrogates;

/// <summary>
/// Looks through an ONNX model before a runtime does (onnx.proto of the ONNX specification): that it is well formed, that no node has a
/// graph of its own, since loops have no end that could be known, and which files beside it hold weights.
/// </summary>
public sealed class OnnxStructure
{
    private const int MostNodes = 100_000;
    private const int MostParts = 1_000_000;

    private readonly SortedSet<string> beside = new(StringComparer.Ordinal);
    private int nodes;
    private int parts;

    private OnnxStructure()
    {
    }

    /// <summary>Checks a model.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <returns>Names of the files that hold weights of its, all in the model's own folder.</returns>
    /// <exception cref="EfficiencyModelException">It is none that may be run.</exception>
    public static IReadOnlyCollection<string> Check(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        OnnxStructure structure = new();
        structure.Model(content);
        return structure.beside;
    }

    private void Model(ReadOnlySpan<byte> model)
    {
        ProtocolFields fields = new(model);
        bool hasGraph = false;
        while (Next(ref fields))
        {
            switch (fields.Number)
            {
                case 7:
                    hasGraph = true;
                    Graph(fields.Content);
                    break;
                case 14:
                    Skim(fields.Content);
                    break;
                case 20:
                    throw Refused("a model with a training of its own");
                case 25:
                    throw Refused("a model with functions of its own");
                default:
                    break;
            }
        }

        if (!hasGraph)
        {
            throw Refused("no graph in it");
        }
    }

    private void Graph(ReadOnlySpan<byte> graph)
    {
        ProtocolFields fields = new(graph);
        while (Next(ref fields))
        {
            switch (fields.Number)
            {
                case 1:
                    Node(fields.Content);
                    break;
                case 5:
                    Tensor(fields.Content);
                    break;
                case 15:
                    SparseTensor(fields.Content);
                    break;
                default:
                    break;
            }
        }
    }

    private void Node(ReadOnlySpan<byte> node)
    {
        nodes++;
        if (nodes > MostNodes)
        {
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"more than {MostNodes} nodes"));
        }

        ProtocolFields fields = new(node);
        while (Next(ref fields))
        {
            if (fields.Number == 5)
            {
                Attribute(fields.Content);
            }
        }
    }

    private void Attribute(ReadOnlySpan<byte> attribute)
    {
        ProtocolFields fields = new(attribute);
        while (Next(ref fields))
        {
            switch (fields.Number)
            {
                case 5 or 10:
                    Tensor(fields.Content);
                    break;
                case 6 or 11:
                    throw Refused("a node with a graph of its own, such as Loop, If or Scan");
                case 22 or 23:
                    SparseTensor(fields.Content);
                    break;
                default:
                    break;
            }
        }
    }

    private void SparseTensor(ReadOnlySpan<byte> sparse)
    {
        ProtocolFields fields = new(sparse);
        while (Next(ref fields))
        {
            if (fields.Number is 1 or 2)
            {
                Tensor(fields.Content);
            }
        }
    }

    private void Tensor(ReadOnlySpan<byte> tensor)
    {
        ProtocolFields fields = new(tensor);
        while (Next(ref fields))
        {
            if (fields.Number == 13)
            {
                External(fields.Content);
            }
        }
    }

    /// <summary>An entry of a tensor that lies elsewhere: where is a plain file name, so that a model reads nothing but its own folder.</summary>
    private void External(ReadOnlySpan<byte> entry)
    {
        string key = "";
        string value = "";
        ProtocolFields fields = new(entry);
        while (Next(ref fields))
        {
            if (fields.Number == 1)
            {
                key = System.Text.Encoding.UTF8.GetString(fields.Content);
            }
            else if (fields.Number == 2)
            {
                value = System.Text.Encoding.UTF8.GetString(fields.Content);
            }
        }

        if (key != "location")
        {
            return;
        }

        bool isPlain = value.Length > 0 && value is not ("." or "..") && value.AsSpan().IndexOfAny("/\\:\0") < 0;
        beside.Add(isPlain ? value : throw Refused($"weights in {value}", "weights in the model itself or in a file beside it, by its name alone"));
    }

    /// <summary>Goes through entries of metadata.</summary>
    private void Skim(ReadOnlySpan<byte> message)
    {
        ProtocolFields fields = new(message);
        while (Next(ref fields))
        {
            // Well formed is all it has to be.
        }
    }

    private bool Next(ref ProtocolFields fields)
    {
        parts++;
        return parts > MostParts
            ? throw Refused(string.Create(CultureInfo.InvariantCulture, $"more than {MostParts} parts"))
            : fields.Next();
    }

    private static EfficiencyModelException Refused(string found, string expected = "an ONNX model of plain nodes") =>
        new($"found {found}; expected {expected}");
}
