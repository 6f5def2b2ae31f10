using System.Globalization;

using TasksBus.Tracking;

namespace TasksBus.Monitoring;

/// <summary>Where a listing goes on, as text for callers.</summary>
internal static class PageCursor
{
    public static SagaPlace Of(TaskSaga run) => new(run.SubmittedAt.ToUnixTimeMilliseconds(), run.CorrelationId);

    public static string Write(SagaPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.Score}-{place.Id:N}");

    /// <exception cref="FormatException">It is not one of ours.</exception>
    public static SagaPlace Read(string cursor)
    {
        var parts = cursor.Split('-');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var score)
            && Guid.TryParseExact(parts[1], "N", out var id)
            ? new SagaPlace(score, id)
            : throw new FormatException($"'{cursor}' is no place to go on listing from. Give {nameof(TaskPage.NextCursor)} of the page before, unchanged.");
    }
}
