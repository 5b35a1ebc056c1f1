using FastSim.Cli.Configuration;

namespace FastSim.Cli.Tests;

/// <summary>How long parsers that are not ours may take.</summary>
public sealed class ForeignParserTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(40);

    /// <summary>A process that had nothing of the processor is waited for: the parser ends when its clock was looked at the third time.</summary>
    [Fact]
    public void A_parser_is_waited_for_where_others_have_the_machine()
    {
        using ManualResetEventSlim over = new();
        int looks = 0;
        TimeSpan Nothing()
        {
            looks++;
            if (looks == 3)
            {
                over.Set();
            }

            return TimeSpan.Zero;
        }

        Assert.Equal(7, ForeignParser.RunLimited("a file", "numbers", TimeSpan.FromSeconds(1), Nothing, () =>
        {
            over.Wait();
            return 7;
        }));
        Assert.InRange(looks, 3, 10);
    }

    /// <summary>One that had its time is given up, and one that waits for ever at ten times the limit.</summary>
    [Theory]
    [InlineData(40, 2)]
    [InlineData(0, 10)]
    public void A_parser_that_never_ends_is_given_up(int millisecondsALook, int most)
    {
        using ManualResetEventSlim over = new();
        int looks = 0;
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => ForeignParser.RunLimited(
            "a file",
            "numbers",
            Limit,
            () => TimeSpan.FromMilliseconds(millisecondsALook * looks++),
            () =>
            {
                over.Wait();
                return 7;
            }));
        over.Set();
        Assert.Equal(most, looks);
        Assert.Contains("a file: found content that was not parsed within", refused.Message, StringComparison.Ordinal);
    }
}
