using System.Diagnostics;

namespace FastSim.Cli.Tests;

/// <summary>The report of a sweep in a real browser.</summary>
public sealed class ReportBrowserTests
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    [Fact]
    public async Task Pointing_at_a_cell_shows_its_winning_plan()
    {
        if (Array.Find(Browsers, File.Exists) is not { } browser)
        {
            Assert.Skip("no Chromium is installed");
            return;
        }

        using SweepFiles files = new();
        Assert.Equal(
            0,
            files.Sweep(
                """
                {"name": "gib", "path": "system.mem1.GiB", "values": [36, 72, 144]},
                {"name": "gbps", "path": "system.mem1.GBps", "values": [6000, 8000]}
                """).ExitCode);
        string report = File.ReadAllText(files.PathOf("out", "report.html"));

        // A pointer moves over the first cell; what the page then shows goes into its title, where the test reads it.
        const string Pointer =
            """
            <script>
            const cell = document.querySelector('#throughput [data-tip]');
            const place = cell.getBoundingClientRect();
            cell.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: place.x + 1, clientY: place.y + 1 }));
            const shown = document.getElementById('tip');
            document.title = getComputedStyle(shown).display + '|' + shown.textContent.replaceAll('\n', '|') + '|' + (place.width > 10);
            </script>
            </body>
            """;
        string page = files.Write("page.html", report.Replace("</body>", Pointer, StringComparison.Ordinal));
        string dom = await DumpDom(browser, page, files.PathOf("profile"));
        int start = dom.IndexOf("<title>", StringComparison.Ordinal) + "<title>".Length;
        string title = dom[start..dom.IndexOf("</title>", StringComparison.Ordinal)];
        string[] parts = title.Split('|');
        Assert.Equal("block", parts[0]);
        Assert.Equal("gib = 36", parts[1]);
        Assert.Equal("gbps = 6000", parts[2]);
        Assert.Contains("tokens/s/card", parts[3], StringComparison.Ordinal);
        Assert.Contains(parts, part => part.StartsWith("decoder: 36 cards, DP ", StringComparison.Ordinal));
        Assert.Equal("true", parts[^1]);
    }

    private static async Task<string> DumpDom(string browser, string page, string profile)
    {
        ProcessStartInfo start = new(
            browser, ["--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={profile}", "--dump-dom", $"file://{page}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string dom = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(dom.Contains("<title>", StringComparison.Ordinal), await error);
        return dom;
    }
}
