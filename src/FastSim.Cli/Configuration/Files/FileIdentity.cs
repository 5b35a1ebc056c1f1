using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace FastSim.Cli.Configuration;

/// <summary>What stands at a path.</summary>
internal enum FileKind
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, named or not.</summary>
    Pipe,

    /// <summary>A device.</summary>
    Device,

    /// <summary>A socket or another thing.</summary>
    Other,
}

/// <summary>
/// What a path leads to, links followed: its kind, and a mark that two spellings or links of one file share. On Linux of statx(2), whose
/// layout is one on every processor; elsewhere of the path with its last link followed.
/// </summary>
/// <param name="Kind">The kind.</param>
/// <param name="Mark">The mark; empty where nothing is there.</param>
internal readonly record struct FileIdentity(FileKind Kind, string Mark)
{
    private const int WorkingDirectory = -100;
    private const uint TypeInodeTimeAndSize = 0x341;
    private const int BufferBytes = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int SizeOffset = 40;
    private const int WrittenOffset = 112;
    private const int DeviceOffset = 136;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int TypeMask = 0xF000;

    /// <summary>When it was written, in ns since 1970 on Linux, in ticks elsewhere: another number is another time. 0 where nothing is there.</summary>
    public long Written { get; init; }

    /// <summary>Its length in bytes; -1 where nothing is there.</summary>
    public long Bytes { get; init; } = -1;

    /// <summary>Looks at a path.</summary>
    public static FileIdentity Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return new FileIdentity(FileKind.Absent, "");
        }

        if (OperatingSystem.IsLinux())
        {
            try
            {
                return OfLinux(path);
            }
            catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
            {
                // A C library older than statx: the path itself is what is left.
            }
        }

        return OfPath(path);
    }

    private static FileIdentity OfLinux(string path)
    {
        byte[] status = new byte[BufferBytes];
        if (Statx(WorkingDirectory, Encoding.UTF8.GetBytes(path + '\0'), 0, TypeInodeTimeAndSize, status) != 0)
        {
            return new FileIdentity(FileKind.Absent, "");
        }

        FileKind kind = (BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0x1000 => FileKind.Pipe,
            0x2000 or 0x6000 => FileKind.Device,
            _ => FileKind.Other,
        };
        ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(InodeOffset));
        ulong device = BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(DeviceOffset));
        return new FileIdentity(kind, $"{device:x}:{inode:x}")
        {
            Written = (BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(WrittenOffset)) * NanosecondsPerSecond)
                + BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(WrittenOffset + sizeof(long))),
            Bytes = BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(SizeOffset)),
        };
    }

    private static FileIdentity OfPath(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return new FileIdentity(FileKind.Folder, full);
        }

        if (!File.Exists(full))
        {
            return new FileIdentity(FileKind.Absent, "");
        }

        bool isDevice = (File.GetAttributes(full) & FileAttributes.Device) != 0;
        FileInfo file = new(File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full);
        return new FileIdentity(isDevice ? FileKind.Device : FileKind.Regular, file.FullName) { Written = file.LastWriteTimeUtc.Ticks, Bytes = isDevice ? 0 : file.Length };
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] status);
}
