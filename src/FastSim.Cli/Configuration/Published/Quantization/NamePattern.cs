using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>A shell pattern or regular expression of module names. Most names lack what any match must hold, and are turned away by that.</summary>
internal abstract class NamePattern(string literal)
{
    private const string Layers = "layers";

    /// <summary>Whether a module's name matches.</summary>
    public bool Match(string module) => module.Contains(literal, StringComparison.Ordinal) && MatchAll(module);

    /// <summary>A regular expression, which matches from the name's start or anywhere in it.</summary>
    /// <param name="expression">The expression, as Python writes it.</param>
    /// <param name="fromStart">Whether it matches from the start.</param>
    /// <param name="source">Where it stands.</param>
    public static NamePattern Expression(string expression, bool fromStart, JsonValue source) =>
        PlainExpression.AsShellPattern(expression, fromStart) is { } pattern ? new PlainPattern(pattern) : new ExpressionPattern(expression, fromStart, source);

    /// <summary>A shell pattern, which matches the name or a run of its parts.</summary>
    public static NamePattern Shell(string pattern) => new ShellPattern(pattern);

    /// <summary>Whether a name or pattern may tell one expert of a block from another: a number in it that is not the block's.</summary>
    public static bool MayNameExpert(string pattern)
    {
        ReadOnlySpan<char> rest = pattern;
        while (rest.Length > 0)
        {
            if (rest.StartsWith(Layers, StringComparison.Ordinal))
            {
                rest = rest[Layers.Length..].TrimStart("\\.").TrimStart("0123456789");
                continue;
            }

            bool isClass = rest[0] is '[' or '?' || (rest[0] == '\\' && rest.Length > 1 && rest[1] is 'd' or 'w');
            if (isClass || char.IsAsciiDigit(rest[0]))
            {
                return true;
            }

            rest = rest[1..];
        }

        return false;
    }

    /// <summary>Whether the whole pattern matches.</summary>
    protected abstract bool MatchAll(string module);

    /// <summary>A shell pattern of whole names.</summary>
    private sealed class PlainPattern(string pattern) : NamePattern(RequiredText.OfShellPattern(pattern))
    {
        protected override bool MatchAll(string module) => Glob.Matches(pattern, module);
    }

    private sealed class ExpressionPattern(string expression, bool fromStart, JsonValue source)
        : NamePattern(RequiredText.OfExpression(expression))
    {
        /// <summary>Longest that an expression may take on one name: only those that need backtracking come near.</summary>
        private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

        private readonly Regex regex = Compile(expression, fromStart, source);

        protected override bool MatchAll(string module)
        {
            try
            {
                return regex.IsMatch(module);
            }
            catch (RegexMatchTimeoutException)
            {
                throw source.Complaint("a regular expression that is quick to match");
            }
        }

        private static Regex Compile(string expression, bool fromStart, JsonValue source)
        {
            // Python writes named groups with a P.
            string text = expression.Replace("(?P<", "(?<", StringComparison.Ordinal);
            string anchored = fromStart ? $@"\A(?:{text})" : text;
            try
            {
                return new Regex(anchored, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (NotSupportedException)
            {
                return new Regex(anchored, RegexOptions.CultureInvariant, Patience);
            }
            catch (ArgumentException)
            {
                throw source.Complaint(ModuleMatcher.Expected);
            }
        }
    }

    private sealed class ShellPattern(string pattern) : NamePattern(RequiredText.OfShellPattern(pattern))
    {
        private readonly bool takesAnyStart = pattern[0] == '*';
        private readonly bool takesAnyEnd = pattern[^1] == '*';

        protected override bool MatchAll(string module)
        {
            for (int start = 0; start < module.Length; start = NextPart(module, start))
            {
                for (int end = module.Length; end > start; end = module.LastIndexOf('.', end - 1, end - start))
                {
                    if (Glob.Matches(pattern, module.AsSpan(start, end - start)))
                    {
                        return true;
                    }

                    if (takesAnyEnd)
                    {
                        break;
                    }
                }

                if (takesAnyStart)
                {
                    break;
                }
            }

            return false;
        }

        private static int NextPart(string module, int start)
        {
            int point = module.IndexOf('.', start);
            return point < 0 ? module.Length : point + 1;
        }
    }
}
