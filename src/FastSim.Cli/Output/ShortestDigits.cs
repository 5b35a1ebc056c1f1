using System.Numerics;

namespace FastSim.Cli.Output;

/// <summary>
/// Writes a number in the fewest digits that no other number is nearer to, as the framework does, and of those the nearest to it: exactly, by whole numbers, where it is neither so large nor
/// so small as to be written with an exponent. A table's numbers are mostly of that kind, and the framework takes several times as long.
/// </summary>
internal static class ShortestDigits
{
    /// <summary>Bytes that a number takes at most.</summary>
    public const int Most = 32;

    /// <summary>What is below is written with an exponent.</summary>
    private const double Least = 1e-4;

    /// <summary>What is not below is written with an exponent.</summary>
    private const double Beyond = 1e15;

    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const int DigitsOfAny = 17;

    private static ReadOnlySpan<byte> Pairs =>
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    private static readonly ulong[] PowersOfFive = Powers(5, 22);
    private static readonly ulong[] PowersOfTen = Powers(10, 20);

    /// <summary>Writes a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="text">Receives it, <see cref="Most"/> bytes at least.</param>
    /// <returns>Bytes that were written; 0 where the framework has to say them: beyond the range, and where two numbers of as many digits are as near.</returns>
    public static int Write(double value, Span<byte> text)
    {
        double size = Math.Abs(value);
        long bits = BitConverter.DoubleToInt64Bits(size);
        long fraction = bits & ((1L << MantissaBits) - 1);

        // Below a power of two numbers lie closer together than above it.
        if (!(size >= Least && size < Beyond) || fraction == 0)
        {
            return 0;
        }

        // The number is mantissa · 2^exponent, and (high · 2^64 + low) · 2^-shift is that times a power of ten, 17 digits or 18 before the point: exactly.
        int exponentOfTwo = (int)(bits >> MantissaBits) - ExponentBias;
        int power = DigitsOfAny - 1 - LogarithmOfPowerOfTwo(exponentOfTwo);
        int shift = MantissaBits - exponentOfTwo - power;
        ulong powerOfFive = PowersOfFive[power];
        ulong high = Math.BigMul((ulong)(fraction | (1L << MantissaBits)), powerOfFive, out ulong low);

        // Halfway to its neighbours, both of which are excluded; a whole number always lies between.
        (ulong twiceHigh, ulong twiceLow) = ((high << 1) | (low >> 63), low << 1);
        ulong least = Shifted(twiceHigh - (twiceLow < powerOfFive ? 1UL : 0), twiceLow - powerOfFive, shift + 1) + 1;
        ulong upper = twiceLow + (powerOfFive - 1);
        ulong most = Shifted(twiceHigh + (upper < twiceLow ? 1UL : 0), upper, shift + 1);
        ulong whole = Shifted(high, low, shift);
        int dropped = 0;
        while ((least + 9) / 10 <= most / 10)
        {
            (least, most) = ((least + 9) / 10, most / 10);
            dropped++;
        }

        // The nearest of those that are left, of which some lies within.
        (ulong digits, ulong rest) = Math.DivRem(whole, PowersOfTen[dropped]);
        ulong beyondWhole = low & ((1UL << shift) - 1);
        ulong half = dropped == 0 ? 1UL << (shift - 1) : PowersOfTen[dropped] / 2;
        ulong left = dropped == 0 ? beyondWhole : rest;
        if (left == half && (dropped == 0 || beyondWhole == 0))
        {
            return 0;
        }

        digits += left >= half ? 1UL : 0;
        return digits < least || digits > most ? 0 : Put(value < 0, digits, dropped - power, text);
    }

    /// <summary>Puts digits · 10^<paramref name="power"/> down, without an exponent.</summary>
    private static int Put(bool isNegative, ulong digits, int power, Span<byte> text)
    {
        int length = LogarithmOfPowerOfTwo(BitOperations.Log2(digits)) + 1;
        length += digits >= PowersOfTen[length] ? 1 : 0;
        int at = 0;
        if (isNegative)
        {
            text[at++] = (byte)'-';
        }

        int before = length + power;
        if (before <= 0)
        {
            text.Slice(at, 2 - before).Fill((byte)'0');
            text[at + 1] = (byte)'.';
            at += 2 - before;
            Digits(digits, text.Slice(at, length));
            return at + length;
        }

        if (power >= 0)
        {
            Digits(digits, text.Slice(at, length));
            text.Slice(at + length, power).Fill((byte)'0');
            return at + before;
        }

        (ulong whole, ulong part) = Math.DivRem(digits, PowersOfTen[-power]);
        Digits(whole, text.Slice(at, before));
        text[at + before] = (byte)'.';
        Digits(part, text.Slice(at + before + 1, -power));
        return at + length + 1;
    }

    private static void Digits(ulong number, Span<byte> text)
    {
        int place = text.Length;
        while (place >= 2)
        {
            (number, ulong pair) = Math.DivRem(number, 100UL);
            text[--place] = Pairs[(2 * (int)pair) + 1];
            text[--place] = Pairs[2 * (int)pair];
        }

        if (place == 1)
        {
            text[0] = (byte)('0' + number);
        }
    }

    private static ulong Shifted(ulong high, ulong low, int bits) => (high << (64 - bits)) | (low >> bits);

    /// <summary>The whole part of the decimal logarithm of a power of two, of exponents within a thousand.</summary>
    private static int LogarithmOfPowerOfTwo(int exponent) => (exponent * 78913) >> 18;

    private static ulong[] Powers(ulong of, int count)
    {
        ulong[] powers = new ulong[count];
        powers[0] = 1;
        for (int power = 1; power < count; power++)
        {
            powers[power] = powers[power - 1] * of;
        }

        return powers;
    }
}
