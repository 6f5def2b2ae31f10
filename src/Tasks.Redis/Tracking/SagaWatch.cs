using TasksBus.Tracking;

namespace TasksBus.Storage;

/// <summary>Hands the signals of one document to a watcher, each version once, later ones last.</summary>
internal sealed class SagaWatch(Action<SagaSignal> onSignal)
{
    private readonly Lock _lock = new();
    private int _version;

    /// <summary>Hands on a message of the document's channel.</summary>
    public void OnMessage(byte[] message) => Pass(SagaFormat.ReadSignal(message));

    /// <summary>Hands on what is stored, after messages may have been lost.</summary>
    public void OnReload(StoredSaga? stored)
    {
        lock (_lock)
        {
            if (stored is not null)
                Pass(new SagaSignal(null, stored.Version, stored.Document));
            else if (_version > 0)
                Pass(new SagaSignal(null, 0, default));
        }
    }

    private void Pass(SagaSignal signal)
    {
        lock (_lock)
        {
            if (signal.Field is null)
            {
                // What was reloaded can be older than the last message. Version 1 is a new document, after the watched one has expired.
                if (signal.Version > 1 && signal.Version <= _version)
                    return;
                _version = signal.Version;
            }

            onSignal(signal);
        }
    }
}
