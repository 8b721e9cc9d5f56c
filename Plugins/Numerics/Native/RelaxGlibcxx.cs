using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Build task: writes a copy of an ELF library that loads where libstdc++ has no GLIBCXX_3.4.32. The version
/// requirement becomes weak, and the one symbol that needs it, <c>_ZSt21ios_base_library_initv</c> (called by static
/// initialisers; older libstdc++ initialises iostreams itself), is bound to a harmless void function of libc.
/// </summary>
/// <remarks>Compiled by MSBuild while it builds; not part of any assembly of the project.</remarks>
public sealed class RelaxGlibcxx : Task
{
    private const string NeededVersion = "GLIBCXX_3.4.32";
    private const string MissingSymbol = "_ZSt21ios_base_library_initv";
    private const string HarmlessSymbol = "sched_yield";
    private const string HarmlessVersion = "GLIBC_2.2.5";
    private const ushort WeakFlag = 2; // VER_FLG_WEAK

    public string Source { get; set; }

    public string Destination { get; set; }

    public override bool Execute()
    {
        var runtime = FindRuntime();
        var image = File.ReadAllBytes(Source);
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        if (runtime == null || Contains(File.ReadAllBytes(runtime), NeededVersion) || !Contains(image, NeededVersion))
        {
            File.WriteAllText(Destination + ".not-needed", (runtime ?? "no libstdc++ was found") + Environment.NewLine);
            return true;
        }

        string problem = Relax(image);
        if (problem != null)
        {
            Log.LogError("{0} needs {1}, which {2} lacks, and it could not be relaxed: {3}", Source, NeededVersion, runtime, problem);
            return false;
        }

        // Written aside and renamed: several projects build at once, and none may see half a file.
        var aside = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(aside, image);
        File.SetLastWriteTimeUtc(aside, File.GetLastWriteTimeUtc(Source));
        if (File.Exists(Destination))
        {
            File.Delete(Destination);
        }

        File.Move(aside, Destination);
        Log.LogMessage(MessageImportance.High, "{0} lacks {1}: linked a relaxed copy of libLibTorchSharp.so", runtime, NeededVersion);
        return true;
    }

    private static string FindRuntime()
    {
        var folders = new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" };
        return folders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).FirstOrDefault(File.Exists);
    }

    private static bool Contains(byte[] bytes, string text)
    {
        // Latin-1 maps every byte to one char, so an ordinal text search is a byte search (no spans in this compiler).
        return Encoding.GetEncoding("ISO-8859-1").GetString(bytes).IndexOf(text + "\0", StringComparison.Ordinal) >= 0;
    }

    /// <summary>Edits the image in place; null when it worked, else what is in the way.</summary>
    private static string Relax(byte[] image)
    {
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[4] != 2 || image[5] != 1)
        {
            return "not a little-endian 64-bit ELF file";
        }

        var sections = ReadSections(image);
        var symbols = sections.FirstOrDefault(s => s.Type == 11);           // SHT_DYNSYM
        var versions = sections.FirstOrDefault(s => s.Type == 0x6fffffff);  // SHT_GNU_versym
        var needs = sections.FirstOrDefault(s => s.Type == 0x6ffffffe);     // SHT_GNU_verneed
        if (symbols == null || versions == null || needs == null)
        {
            return "no dynamic symbol versions";
        }

        var strings = sections[(int)symbols.Link];
        long flagsAt = -1;
        int harmlessIndex = -1;
        int neededIndex = -1;
        for (long need = needs.Offset; ;)
        {
            var count = BitConverter.ToUInt16(image, (int)need + 2);
            var aux = need + BitConverter.ToUInt32(image, (int)need + 8);
            for (var i = 0; i < count; i++)
            {
                var name = Text(image, strings.Offset + BitConverter.ToUInt32(image, (int)aux + 8));
                var index = BitConverter.ToUInt16(image, (int)aux + 6);
                if (name == NeededVersion)
                {
                    flagsAt = aux + 4;
                    neededIndex = index;
                }
                else if (name == HarmlessVersion && harmlessIndex < 0
                    && Text(image, strings.Offset + BitConverter.ToUInt32(image, (int)need + 4)).StartsWith("libc.so"))
                {
                    harmlessIndex = index;
                }

                aux += BitConverter.ToUInt32(image, (int)aux + 12);
            }

            var next = BitConverter.ToUInt32(image, (int)need + 12);
            if (next == 0)
            {
                break;
            }

            need += next;
        }

        if (flagsAt < 0 || harmlessIndex < 0)
        {
            return "version " + (flagsAt < 0 ? NeededVersion : HarmlessVersion) + " is not listed";
        }

        long missing = -1;
        var users = new List<string>();
        for (long i = 0; i < symbols.Size / 24; i++)
        {
            var version = BitConverter.ToUInt16(image, (int)(versions.Offset + (2 * i))) & 0x7fff;
            var name = Text(image, strings.Offset + BitConverter.ToUInt32(image, (int)(symbols.Offset + (24 * i))));
            if (version == neededIndex)
            {
                users.Add(name);
                missing = i;
            }
        }

        if (users.Count != 1 || users[0] != MissingSymbol)
        {
            return "symbols of that version are not just " + MissingSymbol + ": " + string.Join(", ", users);
        }

        var nameAt = strings.Offset + BitConverter.ToUInt32(image, (int)(symbols.Offset + (24 * missing)));
        Encoding.ASCII.GetBytes(HarmlessSymbol + "\0").CopyTo(image, nameAt);
        BitConverter.GetBytes((ushort)harmlessIndex).CopyTo(image, versions.Offset + (2 * missing));
        BitConverter.GetBytes((ushort)(BitConverter.ToUInt16(image, (int)flagsAt) | WeakFlag)).CopyTo(image, flagsAt);
        return null;
    }

    private static List<Section> ReadSections(byte[] image)
    {
        var table = BitConverter.ToInt64(image, 0x28);
        var size = BitConverter.ToUInt16(image, 0x3a);
        var count = BitConverter.ToUInt16(image, 0x3c);
        var sections = new List<Section>();
        for (var i = 0; i < count; i++)
        {
            var at = (int)(table + (i * size));
            sections.Add(new Section
            {
                Type = BitConverter.ToUInt32(image, at + 4),
                Offset = BitConverter.ToInt64(image, at + 24),
                Size = BitConverter.ToInt64(image, at + 32),
                Link = BitConverter.ToUInt32(image, at + 40),
            });
        }

        return sections;
    }

    private static string Text(byte[] image, long at)
    {
        var end = Array.IndexOf(image, (byte)0, (int)at);
        return Encoding.ASCII.GetString(image, (int)at, end - (int)at);
    }

    private sealed class Section
    {
        public uint Type;
        public long Offset;
        public long Size;
        public uint Link;
    }
}
