using FastSim.Kernels.Plans;
using FsCheck;

namespace FastSim.Laws.Tests;

/// <summary>The halving that asks only near its answer finds, to the bit, what halving alone does.</summary>
public sealed class RisingSearchLaws
{
    [Law(MaxTest = 3000)]
    public void It_finds_what_halving_alone_finds(PositiveInt wanted, NonNegativeInt waits, NonNegativeInt bends, PositiveInt divisor)
    {
        double most = (double)wanted.Get / divisor.Get;
        Counted rising = new(waits.Get % 1000 / 97.0, bends.Get % 50, new int[1]);
        Assert.Equal(Halved(rising, most), RisingSearch.Reach(rising, most));
    }

    [Fact]
    public void Halving_alone_asks_more_than_twice_as_often()
    {
        Counted rising = new(5, 40, new int[1]);
        double found = RisingSearch.Reach(rising, 64);
        int asked = rising.Asked[0];
        Assert.Equal(Halved(rising, 64), found);
        Assert.InRange(2 * asked, 1, rising.Asked[0] - asked);
    }

    [Fact]
    public void What_is_no_number_is_found_as_halving_finds_it()
    {
        Counted rising = new(double.NaN, 0, new int[1]);
        Assert.Equal(Halved(rising, 7), RisingSearch.Reach(rising, 7));
    }

    private static double Halved(in Counted rising, double wanted)
    {
        (double few, double many) = (0, wanted);
        while (true)
        {
            double middle = few + ((many - few) / 2);
            if (!(middle > few && middle < many))
            {
                return many;
            }

            (few, many) = rising.At(middle) < wanted ? (middle, many) : (few, middle);
        }
    }

    /// <summary>What a loop's sequences are like: a time that bends at powers of two, and rises no faster than the sequences, under a wait that rises.</summary>
    private readonly struct Counted(double waits, int bends, int[] asked) : IRising
    {
        public int[] Asked => asked;

        public double At(double at)
        {
            asked[0]++;
            double point = at > 1 ? Math.Floor(Math.Log2(at)) : 0;
            double power = Math.Pow(2, point);
            double time = 3 + (bends % 4 * (point + (at > 1 ? (at - power) / power : 0)));
            return at * (1 + ((waits + (bends * at / (at + 3))) / time));
        }
    }
}
