using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Reporting;

/// <summary>What figures were measured on.</summary>
internal static class Machine
{
    public static string Describe() =>
        $"{Processor()}, {Environment.ProcessorCount} threads, {(Vector512.IsHardwareAccelerated ? "AVX-512" : "no AVX-512")}{HalfPrecision()}, "
        + $"{RuntimeInformation.FrameworkDescription}, libtorch {__version__}";

    private static string Processor() => CpuInfo("model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string HalfPrecision() => (CpuInfo("flags")?.Split(' ') ?? []) switch
    {
        var flags when flags.Contains("amx_bf16") => " with AMX",
        var flags when flags.Contains("avx512_bf16") => " with bfloat16",
        _ => "",
    };

    private static string? CpuInfo(string key) => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
