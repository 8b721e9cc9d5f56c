using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Planning.Access;

/// <summary>Where a path really leads, through every link.</summary>
internal static class RealPath
{
    private const int MaxPath = 4_096;

    /// <summary>The absolute path without links; null: there is nothing there, or it cannot be said.</summary>
    public static string? Of(string path)
    {
        var buffer = new byte[MaxPath + 1];
        return Resolve(path, buffer) == 0 ? null : Encoding.UTF8.GetString(buffer.AsSpan(0, buffer.AsSpan().IndexOf((byte)0)));
    }

    // .NET follows the links of a path's last part only.
    [DllImport("libc", EntryPoint = "realpath")]
    private static extern nint Resolve([MarshalAs(UnmanagedType.LPUTF8Str)] string path, byte[] resolved);
}
