using System.Globalization;

namespace FastSim.Cli.Tests;

/// <summary>Expressions over three numbers, of every operation that has bounds: roots and logarithms of what may be less than 0, quotients by what may be 0, products beyond what is finite.</summary>
internal static class DrawnExpressions
{
    /// <summary>The numbers.</summary>
    public static string[] Names { get; } = ["a", "b", "c"];

    /// <summary>Values of an axis: often few and near, at times of any sign and size.</summary>
    public static double[] Values(Random random)
    {
        double[] pool = [-7.3, -2, -1, -0.5, -0.0, 0, 0.5, 1, 2, 3.7, 8, 15.25, 1e9, -1e9, 1e-200, 1e200, -1e200, 1.7e308];
        int common = random.Next(5) == 0 ? pool.Length : 12;
        double[] values = random.Next(3) == 0
            ? [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => pool[random.Next(common)])]
            : [.. Enumerable.Range(0, random.Next(2, 4)).Select(step => Math.Round((random.NextDouble() * 6) - 1, 1) + step)];
        if (random.Next(4) > 0)
        {
            Array.Sort(values);
        }

        return values;
    }

    /// <summary>An expression that gives a number, or none.</summary>
    public static string Number(Random random, int depth)
    {
        if (depth == 0 || random.Next(12) == 0)
        {
            return random.Next(4) switch
            {
                0 => Constant(random),
                _ => Names[random.Next(Names.Length)],
            };
        }

        string one = Number(random, depth - 1);
        string other = random.Next(3) == 0 ? Number(random, 0) : Number(random, depth - 1);
        return random.Next(30) switch
        {
            0 or 1 or 2 => $"({one} + {other})",
            3 or 4 => $"({one} - {other})",
            5 or 6 or 7 => $"({one} * {other})",
            8 or 9 or 10 => $"({one} / {other})",
            11 => $"({one} % {other})",
            12 => $"-({one})",
            13 or 14 => $"Min({one}, {other})",
            15 or 16 => $"Max({one}, {other})",
            17 => $"Pow({one}, {other})",
            18 => $"({one} ** {Constant(random)})",
            19 or 20 => $"Sqrt({one})",
            21 => $"Ln({one})",
            22 => random.Next(2) == 0 ? $"Log10({one})" : $"Log({one}, {other})",
            23 => $"Exp({one})",
            24 => $"Abs({one})",
            25 => random.Next(3) switch { 0 => $"Floor({one})", 1 => $"Ceiling({one})", _ => $"Truncate({one})" },
            26 => $"Sign({one})",
            27 => $"Round({one}, {random.Next(3)})",
            28 => $"if({one}, {other}, {Number(random, depth - 1)})",
            _ => $"if({Condition(random, depth - 1)}, {one}, {other})",
        };
    }

    /// <summary>One that is true or false.</summary>
    public static string Condition(Random random, int depth)
    {
        if (depth > 1 && random.Next(3) == 0)
        {
            return random.Next(4) switch
            {
                0 => $"({Condition(random, depth - 1)} and {Condition(random, depth - 1)})",
                1 => $"({Condition(random, depth - 1)} or {Condition(random, depth - 1)})",
                2 => $"({Number(random, depth - 1)} and {Condition(random, depth - 1)})",
                _ => $"not ({(random.Next(3) == 0 ? Number(random, depth - 1) : Condition(random, depth - 1))})",
            };
        }

        string sign = random.Next(8) switch { 0 or 1 => "<", 2 or 3 => ">", 4 => "<=", 5 => ">=", 6 => "==", _ => "!=" };
        return $"({Number(random, depth)} {sign} {Number(random, random.Next(Math.Max(1, depth)))})";
    }

    private static string Constant(Random random) => random.Next(6) switch
    {
        0 => "0",
        1 => $"(-{random.Next(1, 4)})",
        2 => "0.5",
        3 => random.Next(4) == 0 ? "1e300" : "1.5",
        _ => random.Next(1, 5).ToString(CultureInfo.InvariantCulture),
    };
}
