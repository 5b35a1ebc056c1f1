namespace FastSim.Kernels.Chips;

/// <summary>How one collective uses a network tier (cost model A1, <c>op_scalar</c> and <c>bandwidth_eff</c>).</summary>
/// <param name="Scale">Bytes on the wire per byte of message, before the group term.</param>
/// <param name="GroupOffset"><c>o</c> of <c>op_scalar [s, o]</c>; 0 when null.</param>
/// <param name="GroupSizes">Group sizes that have a measured efficiency.</param>
/// <param name="Efficiencies">Efficiency of each of those sizes.</param>
public sealed record CollectiveRate(double Scale, double GroupOffset, int[] GroupSizes, double[] Efficiencies)
{
    /// <summary>Bytes on the wire of a message: <c>size·(s + s·o/n)</c>.</summary>
    /// <param name="messageBytes">Size of the message.</param>
    /// <param name="groupSize">Cards of the group, <c>n</c>.</param>
    public double WireBytes(double messageBytes, int groupSize) => messageBytes * WireScale(groupSize) / groupSize;

    /// <summary>
    /// Bytes on the wire of a message that counts a byte for each card of the group: <c>s·n + s·o</c>. Divided by <c>n</c> last, so that a
    /// whole number of bytes stays one, and reaches a threshold that is as large.
    /// </summary>
    /// <param name="groupSize">Cards of the group, <c>n</c>.</param>
    public double WireScale(int groupSize) => Scale * (groupSize + GroupOffset);

    /// <summary>Efficiency of a group: its own row, else the lowest of the list.</summary>
    public double Efficiency(int groupSize)
    {
        int row = Array.IndexOf(GroupSizes, groupSize);
        return row >= 0 ? Efficiencies[row] : Efficiencies.Min();
    }
}
