using Microsoft.Extensions.Hosting;
using Orchestrator.Database;
using Orchestrator.Numerics.Runtime;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Http;

SiloSettings settings;
try
{
    settings = SiloSettings.Parse(args);
    HttpAccess.Require(settings);
}
catch (SiloSettingsException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

if (settings.Role == SiloRole.Gpu)
{
    OutOfMemoryOrder.GoFirst();
    try
    {
        LibTorch.Prepare(settings.LibTorch);
        ComputeDevices.Require(settings.Device, settings.LibTorch);
    }
    catch (Exception e) when (e is LibTorchException or DeviceException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 2;
    }
}

try
{
    await DatabaseCluster.Require(settings, TimeProvider.System);
}
catch (Exception e) when (e is DatabaseException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return e is DatabaseException { IsPassing: true } ? 1 : 2;
}

using var host = SiloHost.Build(settings, services => services.AddProcess());
try
{
    await host.RunAsync();
    return 0;
}
catch (Exception e) when (e is not OperationCanceledException)
{
    await Console.Error.WriteLineAsync($"The silo ended: {e.Message}");
    return 1;
}
