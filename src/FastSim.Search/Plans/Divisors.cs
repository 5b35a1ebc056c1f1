namespace FastSim.Search.Plans;

/// <summary>Divisors of a card count.</summary>
internal static class Divisors
{
    /// <summary>All divisors, rising.</summary>
    public static List<int> Of(int number)
    {
        List<int> low = [];
        List<int> high = [];
        for (int divisor = 1; (long)divisor * divisor <= number; divisor++)
        {
            if (number % divisor != 0)
            {
                continue;
            }

            low.Add(divisor);
            if (divisor != number / divisor)
            {
                high.Add(number / divisor);
            }
        }

        high.Reverse();
        low.AddRange(high);
        return low;
    }
}
