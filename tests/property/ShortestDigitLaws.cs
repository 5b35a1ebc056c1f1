using System.Globalization;
using System.Text;
using FastSim.Cli.Output;
using FastSim.Tests;

namespace FastSim.Laws.Tests;

/// <summary>Numbers of tables are written as the framework writes them, byte by byte.</summary>
public sealed class ShortestDigitLaws
{
    private const int SmallestExponent = -15;
    private const int LargestExponent = 51;

    [Fact]
    public void Any_number_is_written_as_the_framework_writes_it()
    {
        Random random = new(1);
        int count = TestLength.Of(2_000_000, 200_000);
        for (int index = 0; index < count; index++)
        {
            Agree((random.Next(2) == 0 ? -1 : 1) * Math.ScaleB(1 + random.NextDouble(), random.Next(SmallestExponent, LargestExponent)));
        }
    }

    [Fact]
    public void So_are_numbers_of_few_digits_and_their_neighbours()
    {
        Random random = new(2);
        int count = TestLength.Of(500_000, 50_000);
        for (int index = 0; index < count; index++)
        {
            double number = random.NextInt64(1, (long)Math.Pow(10, random.Next(1, 17))) / Math.Pow(10, random.Next(0, 18));
            Agree(number);
            Agree(Math.BitIncrement(number));
            Agree(Math.BitDecrement(number));
        }
    }

    [Fact]
    public void So_are_powers_of_two_and_of_ten_and_their_neighbours()
    {
        for (int exponent = SmallestExponent; exponent < LargestExponent; exponent++)
        {
            foreach (double power in (double[])[Math.ScaleB(1, exponent), double.Parse(string.Create(CultureInfo.InvariantCulture, $"1E{exponent}"), CultureInfo.InvariantCulture)])
            {
                Agree(power);
                Agree(Math.BitIncrement(power));
                Agree(Math.BitDecrement(power));
            }
        }
    }

    [Fact]
    public void What_has_an_exponent_and_what_is_no_number_is_left_to_the_framework()
    {
        byte[] text = new byte[ShortestDigits.Most];
        Assert.All(
            (double[])[0, -0.0, 1e15, 1.5e15, -3e20, 9.9e-5, double.Epsilon, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue],
            number => Assert.Equal(0, ShortestDigits.Write(number, text)));
        Assert.Equal("0.00012", Encoding.UTF8.GetString(text.AsSpan(0, ShortestDigits.Write(0.00012, text))));
        Assert.Equal("-1234.5", Encoding.UTF8.GetString(text.AsSpan(0, ShortestDigits.Write(-1234.5, text))));
    }

    private static void Agree(double number)
    {
        Span<byte> text = stackalloc byte[ShortestDigits.Most];
        int written = ShortestDigits.Write(number, text);
        if (written > 0)
        {
            Assert.Equal(number.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetString(text[..written]));
        }
    }
}
