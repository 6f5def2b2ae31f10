using System.Diagnostics;
using System.Runtime.InteropServices;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;

namespace TasksBus.Workers;

/// <summary>Ties this process to the supervisor that has started it: ends soon after it, and is recycled when it sends a SIGHUP.</summary>
internal sealed class Supervision(Recycling recycling, IHostApplicationLifetime lifetime, ILogger<Supervision> log) : IDisposable
{
    private PosixSignalRegistration? _request;
    private Process? _supervisor;

    /// <summary>Begins, if this process has a supervisor.</summary>
    /// <exception cref="TaskQueueConfigurationException"><see cref="WorkerVariables.Supervisor"/> is no process id.</exception>
    public void Start()
    {
        if (SupervisorSettings.Supervisor is not { } id)
            return;
        _request = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            recycling.Begin("its supervisor wants it to end");
            recycling.Look();
        });
        try
        {
            _supervisor = Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            Abandoned(id);
        }
    }

    /// <summary>Stops this process if the supervisor has ended: nobody would look after it any more.</summary>
    public void Look()
    {
        if (_supervisor is { HasExited: true })
            Abandoned(_supervisor.Id);
    }

    public void Dispose()
    {
        _request?.Dispose();
        _supervisor?.Dispose();
    }

    private void Abandoned(int supervisor)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        log.Abandoned(supervisor);
        _ = Task.Run(lifetime.StopApplication, CancellationToken.None);
    }
}
