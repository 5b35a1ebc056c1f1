using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>A lowered stage whose operators are looked up as "block/operator", such as "mlp/residual".</summary>
internal sealed class ToyStage(DeploymentShape shape)
{
    public OperatorTable Table { get; } = StageLowering.Lower(shape);

    public bool Has(string path) => Find(path) >= 0;

    public int IndexOf(string path)
    {
        int index = Find(path);
        Assert.True(index >= 0, $"no operator {path}");
        return index;
    }

    public double Flops(string path, double sequences) => Table.Flops(IndexOf(path), sequences);

    public double Bytes(string path, double sequences) => Table.Bytes(IndexOf(path), sequences);

    public double Repeats(string path) => Table.Repeats[IndexOf(path)];

    public Exchange Exchange(string path) => Table.Exchanges[IndexOf(path)];

    /// <summary>Demands an operator's FLOP and bytes, for one block.</summary>
    public void Costs(string path, double sequences, double flops, double bytes)
    {
        Relative.Equal(flops, Flops(path, sequences));
        Relative.Equal(bytes, Bytes(path, sequences));
    }

    private int Find(string path)
    {
        for (int op = 0; op < Table.Count; op++)
        {
            OperatorIdentity identity = Table.Identities[op];
            if ($"{identity.Block}/{identity.Name}" == path)
            {
                return op;
            }
        }

        return -1;
    }
}
