using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Output;

/// <summary>
/// Rows of a CSV (RFC 4180) as UTF-8, for tables of millions: the same bytes as <see cref="ResultCsv"/> writes, cell after cell into one buffer, numbers that
/// were lately written not formatted again. Serves one thread.
/// </summary>
internal sealed class CsvBytes
{
    private const int UsualBits = 10;
    private const int MostDigits = ShortestDigits.Most;
    private const int MostSaid = 8;

    /// <summary>Whole numbers below are printed digit by digit; from there on with an exponent.</summary>
    private const double LeastExponent = 1e15;

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    private readonly int bits;
    private readonly long[] numbers;
    private readonly byte[] lengths;
    private readonly byte[] texts;
    private byte[] buffer;
    private bool isWithin;

    /// <summary>No rows yet.</summary>
    /// <param name="bits">Of as many numbers as two to this power it is known how they are written.</param>
    /// <param name="expectedBytes">Bytes to make room for.</param>
    public CsvBytes(int bits = UsualBits, int expectedBytes = 1 << 16)
    {
        buffer = ArrayPool<byte>.Shared.Rent(expectedBytes);
        this.bits = bits;
        (numbers, lengths, texts) = (new long[1 << bits], new byte[1 << bits], new byte[MostDigits << bits]);
        Array.Fill(numbers, BitConverter.DoubleToInt64Bits(double.NaN));
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>Gives away what is written, in a buffer of <see cref="ArrayPool{T}.Shared"/> that its taker returns, and forgets it.</summary>
    /// <param name="length">Bytes of it that are written.</param>
    public byte[] Take(out int length)
    {
        (byte[] taken, length) = (buffer, Length);
        buffer = ArrayPool<byte>.Shared.Rent(taken.Length);
        Clear();
        return taken;
    }

    /// <summary>Forgets what is written.</summary>
    public void Clear()
    {
        Length = 0;
        isWithin = false;
    }

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        Room(1)[0] = (byte)'\n';
        Length++;
        isWithin = false;
    }

    /// <summary>A whole number's cell.</summary>
    public void Whole(long value)
    {
        Begin();
        value.TryFormat(Room(MostDigits), out int written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>A number's cell; nothing where it is missing.</summary>
    /// <param name="value">The number; NaN where it is missing.</param>
    /// <param name="column">Name of the column, for the message.</param>
    /// <exception cref="ConfigurationException">It is infinite.</exception>
    public void Number(double value, string column)
    {
        if (double.IsNaN(value))
        {
            Begin();
            return;
        }

        Finite(value, column);
    }

    /// <summary>The cell of a number that must be there.</summary>
    /// <param name="value">The number.</param>
    /// <param name="column">Name of the column, for the message.</param>
    /// <exception cref="ConfigurationException">It is missing or infinite.</exception>
    public void Finite(double value, string column) => Present(double.IsFinite(value) ? value : Cell.Finite(value, column));

    /// <summary>A cell of text that a column says again and again: as <see cref="Text"/> writes it, looked at once.</summary>
    /// <param name="text">The text.</param>
    /// <param name="said">The first few that the column said.</param>
    public void Again(string text, List<(string Text, byte[] Bytes)> said)
    {
        foreach ((string known, byte[] bytes) in said)
        {
            if (ReferenceEquals(text, known))
            {
                Begin();
                bytes.CopyTo(Room(bytes.Length));
                Length += bytes.Length;
                return;
            }
        }

        int before = Length;
        bool wasWithin = isWithin;
        Text(text);
        if (said.Count < MostSaid)
        {
            said.Add((text, Written[(before + (wasWithin ? 1 : 0))..].ToArray()));
        }
    }

    /// <summary>A cell of text; of text that a spreadsheet would take for a formula as <see cref="Cell.Text"/> has it.</summary>
    public void Text(string text)
    {
        Begin();
        string safe = Cell.Text(text);
        if (safe.AsSpan().ContainsAny(Quoted))
        {
            safe = $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        }

        Length += Encoding.UTF8.GetBytes(safe, Room(Encoding.UTF8.GetMaxByteCount(safe.Length)));
    }

    private void Present(double value)
    {
        const ulong Golden = 0x9E3779B97F4A7C15;
        long number = BitConverter.DoubleToInt64Bits(value);
        int place = (int)((ulong)number * Golden >> (64 - bits));
        if (numbers[place] != number)
        {
            Learn(value, place);
        }

        // As many bytes for each, whatever it takes, are no loop.
        Span<byte> room = Room(1 + MostDigits);
        room[0] = (byte)',';
        int start = isWithin ? 1 : 0;
        Vector256.LoadUnsafe(ref texts[place * MostDigits]).CopyTo(room[start..]);
        Length += start + lengths[place];
        isWithin = true;
    }

    /// <summary>Puts down how a number is written, in the place of another.</summary>
    private void Learn(double value, int place)
    {
        Span<byte> text = texts.AsSpan(place * MostDigits, MostDigits);
        bool isWhole = value == Math.Floor(value) && Math.Abs(value) < LeastExponent && value != 0;
        int written = isWhole ? 0 : ShortestDigits.Write(value, text);
        bool fits = written > 0
            || (isWhole
                ? ((long)value).TryFormat(text, out written, default, CultureInfo.InvariantCulture)
                : value.TryFormat(text, out written, default, CultureInfo.InvariantCulture));
        (numbers[place], lengths[place]) = (BitConverter.DoubleToInt64Bits(value), fits ? (byte)written : throw new InvalidOperationException("a number of more than 32 digits"));
    }

    private void Begin()
    {
        if (isWithin)
        {
            Room(1)[0] = (byte)',';
            Length++;
        }

        isWithin = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Room(int bytes)
    {
        if (buffer.Length - Length < bytes)
        {
            Grow(bytes);
        }

        return buffer.AsSpan(Length);
    }

    private void Grow(int bytes)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * buffer.Length, Length + bytes));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
