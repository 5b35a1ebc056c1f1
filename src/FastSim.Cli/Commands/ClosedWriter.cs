using System.Text;

namespace FastSim.Cli.Commands;

/// <summary>A stream that was closed before the program began: writing to it fails, as to one that is full.</summary>
internal sealed class ClosedWriter : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => throw new IOException("it is closed");
}
