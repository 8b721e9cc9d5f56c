using Microsoft.Extensions.Hosting;
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
