using System.Globalization;

namespace FastSim.Fuzz.Tests;

/// <summary>Values that readers of any format trip over.</summary>
internal static class Words
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2", "3", "0.5", "1e308", "-1e308", "1e-308", "5e-324", "1e400", "-1e400", "1e30", "1e-30", "2147483647", "2147483648",
        "-2147483648", "9007199254740993", "16777216", "16777217", "1e15", "1e9", "65536", "1000000", "0.1", "1e", "0x10", "01", "1_000", "1,5",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "x", "=1+1", "+1", "-1", "@x", "a\0b", "a\nb", "a\r\nb", "a\tb", "\u202e", "\ud800", "\U0001f600", "null", "../x",
        "/dev/zero", "/", ".", "con", "re:(", "re:(a+)+$", "a\"b", "'", "float16", "float8", "bfloat16", "dense.json", "chip.json", "fusion.json",
    ];

    /// <summary>A number, or what looks like one.</summary>
    public static string Number(Random random) => random.Next(4) == 0
        ? random.Next(-4, 200).ToString(CultureInfo.InvariantCulture)
        : Numbers[random.Next(Numbers.Length)];

    /// <summary>A text, seldom a long one.</summary>
    public static string Text(Random random) => random.Next(25) switch
    {
        0 => new string('x', random.Next(1, 20_000)),
        1 => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)random.Next(1, 0x3000))),
        _ => Texts[random.Next(Texts.Length)],
    };
}
