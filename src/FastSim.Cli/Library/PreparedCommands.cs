using System.Globalization;

namespace FastSim.Cli.Library;

/// <summary>Command lines that were parsed for earlier questions and are at no question now. Serves any number of threads.</summary>
internal sealed class PreparedCommands
{
    private const int Most = 64;

    private readonly Dictionary<string, Stack<PreparedCommand>> idle = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int count;

    /// <summary>One of these words, prepared anew where all that there are have a question.</summary>
    /// <param name="arguments">The words.</param>
    public PreparedCommand Take(string[] arguments)
    {
        lock (gate)
        {
            string key = Key(arguments);
            if (idle.TryGetValue(key, out Stack<PreparedCommand>? some) && some.TryPop(out PreparedCommand? known))
            {
                count--;
                if (some.Count == 0)
                {
                    idle.Remove(key);
                }

                return known;
            }
        }

        return new PreparedCommand(arguments);
    }

    /// <summary>Gives one back, for the next question of its words.</summary>
    /// <param name="arguments">The words.</param>
    /// <param name="command">What <see cref="Take"/> gave, and nothing went wrong with.</param>
    public void Keep(string[] arguments, PreparedCommand command)
    {
        string key = Key(arguments);
        lock (gate)
        {
            if (count == Most)
            {
                // Words that never come again would stay for ever: all go, and those that come again are parsed again.
                idle.Clear();
                count = 0;
            }

            if (!idle.TryGetValue(key, out Stack<PreparedCommand>? some))
            {
                some = new Stack<PreparedCommand>();
                idle[key] = some;
            }

            some.Push(command);
            count++;
        }
    }

    /// <summary>The words as one text; a word may hold whatever would part them.</summary>
    private static string Key(string[] arguments) =>
        string.Concat(Array.ConvertAll(arguments, word => string.Create(CultureInfo.InvariantCulture, $"{word.Length}:{word}")));
}
