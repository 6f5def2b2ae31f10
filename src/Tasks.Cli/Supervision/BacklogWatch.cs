namespace TasksBus.Cli.Supervision;

/// <summary>Looks again and again how many runs wait, and says once when that is not known.</summary>
internal sealed class BacklogWatch(Backlog backlog, Output output)
{
    private bool _isKnown = true;

    /// <summary>How many runs wait; null if that is not known just now.</summary>
    /// <param name="enough">Where the count may stop, 1 or more.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="TaskQueueConfigurationException">It never will be, as the supervisor is configured.</exception>
    public async Task<long?> Look(int enough, CancellationToken cancellationToken)
    {
        try
        {
            var count = await backlog.Count(enough, cancellationToken).ConfigureAwait(false);
            _isKnown = true;
            return count;
        }
        catch (Exception exception) when (exception is not TaskQueueConfigurationException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // Whatever it is, workers that do their work are not to end because of it.
            if (_isKnown)
                output.Say($"how many runs wait is not known, and the number of workers stays as it is: {exception.Message}");
            _isKnown = false;
            return null;
        }
    }
}
