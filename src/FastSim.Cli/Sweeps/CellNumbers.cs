using System.Globalization;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Numbers that the cells of a column say, of which many say the same: what a cell says that the one before said is not read again, whole ones are read digit by digit, others are
/// remembered by their text. Serves one thread.
/// </summary>
internal sealed class CellNumbers
{
    private const int Bits = 8;
    private const int MostDigits = 24;

    /// <summary>So many digits make a whole number that a double holds.</summary>
    private const int MostWholeDigits = 15;

    private readonly char[] texts = new char[MostDigits << Bits];
    private readonly byte[] lengths = new byte[1 << Bits];
    private readonly double[] numbers = new double[1 << Bits];
    private readonly char[] lastText = new char[MostDigits];
    private int lastLength = -1;
    private double lastNumber;

    /// <summary>The number of a cell; NaN where it is empty.</summary>
    /// <param name="cell">Its text.</param>
    /// <exception cref="FormatException">It is no number.</exception>
    public double Of(ReadOnlySpan<char> cell)
    {
        if (cell.Length == lastLength && cell.SequenceEqual(lastText.AsSpan(0, lastLength)))
        {
            return lastNumber;
        }

        double number = Read(cell);
        if (cell.Length <= MostDigits)
        {
            cell.CopyTo(lastText);
            (lastLength, lastNumber) = (cell.Length, number);
        }

        return number;
    }

    private double Read(ReadOnlySpan<char> cell)
    {
        if (cell.IsEmpty)
        {
            return double.NaN;
        }

        if (cell.Length <= MostWholeDigits && !cell.ContainsAnyExceptInRange('0', '9'))
        {
            long whole = 0;
            foreach (char digit in cell)
            {
                whole = (10 * whole) + (digit - '0');
            }

            return whole;
        }

        if (cell.Length > MostDigits)
        {
            return double.Parse(cell, CultureInfo.InvariantCulture);
        }

        const uint Golden = 0x9E3779B9;
        uint hash = ((uint)cell.Length << 24) ^ (cell[^1] * 31u) ^ (cell[cell.Length / 2] * 1021u) ^ (cell[^2] * 65537u) ^ cell[cell.Length / 3];
        int place = (int)(hash * Golden >> (32 - Bits));
        Span<char> text = texts.AsSpan(place * MostDigits, MostDigits);
        if (!cell.SequenceEqual(text[..lengths[place]]))
        {
            numbers[place] = double.Parse(cell, CultureInfo.InvariantCulture);
            cell.CopyTo(text);
            lengths[place] = (byte)cell.Length;
        }

        return numbers[place];
    }
}
