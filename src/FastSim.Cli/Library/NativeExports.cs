using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using FastSim.Cli.Commands;

namespace FastSim.Cli.Library;

/// <summary>
/// The C interface of <c>libfastsim.so</c> (docs/library.md, <c>Native/fastsim.h</c>). Nothing is thrown across it: whatever goes wrong is an
/// exit code and an object with <c>error</c>.
/// </summary>
internal static class NativeExports
{
    /// <summary>Sessions by the numbers that callers hold: a number that was freed, or never was one, is told, not followed.</summary>
    private static readonly ConcurrentDictionary<long, Session> Sessions = new();

    private static long last;

    /// <summary>Creates a session.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fastsim_create")]
    public static long Create()
    {
        long number = Interlocked.Increment(ref last);
        Sessions[number] = new Session();
        return number;
    }

    /// <summary>Answers a request of UTF-8; the answer, ended by a NUL, is the caller's to give back.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fastsim_solve")]
    public static int Solve(long session, nint request, nint requestBytes, nint answer, nint answerBytes)
    {
        if (answer == 0)
        {
            return ExitCodes.BadInput;
        }

        SessionAnswer solved;
        try
        {
            solved = Answer(session, request, requestBytes);
        }
        catch (Exception exception)
        {
            solved = Session.Fault(exception);
        }

        return Give(solved, answer, answerBytes);
    }

    /// <summary>Gives an answer back.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fastsim_free_answer")]
    public static void FreeAnswer(nint answer) => Marshal.FreeHGlobal(answer);

    /// <summary>Ends a session; questions under way are answered.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fastsim_free")]
    public static void Free(long session) => Sessions.TryRemove(session, out _);

    private static SessionAnswer Answer(long session, nint request, nint requestBytes)
    {
        if (!Sessions.TryGetValue(session, out Session? found))
        {
            return Session.Refusal($"session: found {session}; expected one that fastsim_create gave and fastsim_free did not take back");
        }

        if (request == 0 || requestBytes is < 0 or > int.MaxValue)
        {
            return Session.Refusal("request: found no text; expected JSON of at most 2 GiB");
        }

        byte[] text = new byte[(int)requestBytes];
        Marshal.Copy(request, text, 0, text.Length);
        try
        {
            return found.Solve(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text));
        }
        catch (DecoderFallbackException)
        {
            return Session.Refusal("request: found bytes that are not UTF-8; expected JSON text");
        }
    }

    private static int Give(SessionAnswer solved, nint answer, nint answerBytes)
    {
        try
        {
            byte[] text = Encoding.UTF8.GetBytes(solved.Text);
            nint copy = Marshal.AllocHGlobal(text.Length + 1);
            Marshal.Copy(text, 0, copy, text.Length);
            Marshal.WriteByte(copy, text.Length, 0);
            Marshal.WriteIntPtr(answer, copy);
            if (answerBytes != 0)
            {
                Marshal.WriteIntPtr(answerBytes, text.Length);
            }

            return solved.ExitCode;
        }
        catch (OutOfMemoryException)
        {
            Marshal.WriteIntPtr(answer, 0);
            return ExitCodes.Fault;
        }
    }
}
