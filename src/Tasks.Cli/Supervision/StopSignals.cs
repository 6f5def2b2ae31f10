using System.Runtime.InteropServices;

namespace TasksBus.Cli.Supervision;

/// <summary>Hears when somebody wants this process to end: SIGTERM, SIGINT (Ctrl+C), SIGHUP (the terminal has gone) and SIGQUIT.</summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly CancellationTokenSource _first = new();
    private readonly IReadOnlyList<PosixSignalRegistration> _registrations;

    public StopSignals() => _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Hear))];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken First => _first.Token;

    /// <summary>What to do with each further one: somebody does not want to wait. Default: nothing.</summary>
    public Action OnFurther { private get; set; } = () => { };

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _first.Dispose();
    }

    private void Hear(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_first.IsCancellationRequested)
            OnFurther();
        else
            _first.Cancel();
    }
}
