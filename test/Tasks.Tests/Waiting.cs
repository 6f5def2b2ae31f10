namespace TasksBus.Tests;

/// <summary>Waits for what must happen, but not for ever.</summary>
internal static class Waiting
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks again and again until it is so.</summary>
    public static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (!await isSo())
            await Task.Delay(BetweenLooks, patience.Token);
    }

    /// <summary>Looks again and again until it is so.</summary>
    public static Task Eventually(Func<bool> isSo) => Eventually(() => Task.FromResult(isSo()));

    /// <summary>Asks again and again until there is an answer.</summary>
    public static async Task<T> Eventually<T>(Func<Task<T?>> ask)
        where T : class
    {
        T? answer = null;
        await Eventually(async () => (answer = await ask()) is not null);
        return answer!;
    }
}
