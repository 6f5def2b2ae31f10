namespace TasksBus.Rules;

/// <summary>The instants of an event of the sun at a place.</summary>
internal sealed class SolarInstants(SolarRule rule) : IInstants
{
    /// <summary>No place waits longer for the sun; at the poles it rises once a year.</summary>
    private const int MostDays = 400;

    /// <summary>The sundial goes on while its noon is looked for: so that is looked for again from what was found, until it stays within a fraction of a second.</summary>
    private const int Rounds = 3;

    /// <summary>Half a day, halved so often, is a fraction of a second.</summary>
    private const int Halvings = 24;

    private const double HalfDay = 720;

    /// <summary>How high the sun stands at the event.</summary>
    private readonly double _altitude = AltitudeAt(rule.Event);

    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var day = DateOnly.FromDateTime(after.UtcDateTime).AddDays(-2);
        for (var tries = 0; tries < MostDays; tries++, day = day.AddDays(1))
        {
            if (On(day) is { } instant && instant > after)
                return instant;
        }

        return null;
    }

    /// <summary>The event around the noon of a day, to the second; null if that day has none.</summary>
    private DateTimeOffset? On(DateOnly day)
    {
        var midnight = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        return (rule.Event == SolarEvent.SolarNoon ? Solar(HalfDay, midnight) : CrossingOn(midnight)) is { } minutes
            ? midnight.AddSeconds(Math.Round(minutes * 60, MidpointRounding.AwayFromZero))
            : null;
    }

    /// <remarks>
    /// The sun rises from its midnight to its noon and sets from there to its next midnight. At the poles the seasons move it more than the hours do, so that it may
    /// rise in the afternoon.
    /// </remarks>
    private double? CrossingOn(DateTimeOffset midnight)
    {
        var (lowest, highest, next) = (Solar(0, midnight), Solar(HalfDay, midnight), Solar(2 * HalfDay, midnight));
        return CrossingBetween(lowest, highest, midnight) ?? CrossingBetween(highest, next, midnight);
    }

    /// <summary>When the sun comes to the altitude, from below or from above as the event does; null if it does not in that time.</summary>
    private double? CrossingBetween(double before, double after, DateTimeOffset midnight)
    {
        if (!IsBehind(after, midnight) || IsBehind(before, midnight))
            return null;
        for (var halving = 0; halving < Halvings; halving++)
        {
            var between = (before + after) / 2;
            if (IsBehind(between, midnight))
                after = between;
            else
                before = between;
        }

        return after;
    }

    /// <summary>Whether the sun stands where it does after the event.</summary>
    private bool IsBehind(double minutes, DateTimeOffset midnight) =>
        SunPosition.Altitude(midnight.AddMinutes(minutes), rule.Latitude, rule.Longitude) is var altitude && rule.Event < SolarEvent.SolarNoon ? altitude > _altitude : altitude < _altitude;

    /// <summary>When a sundial shows a time, both in minutes from a midnight of UTC.</summary>
    private double Solar(double time, DateTimeOffset midnight)
    {
        var minutes = time - (4 * rule.Longitude);
        for (var round = 0; round < Rounds; round++)
            minutes = time - (4 * rule.Longitude) - SunPosition.At(midnight.AddMinutes(minutes)).EquationOfTime;
        return minutes;
    }

    private static double AltitudeAt(SolarEvent solarEvent) => solarEvent switch
    {
        SolarEvent.DawnAstronomical or SolarEvent.DuskAstronomical => -18,
        SolarEvent.DawnNautical or SolarEvent.DuskNautical => -12,
        SolarEvent.DawnCivil or SolarEvent.DuskCivil => -6,
        _ => -0.833,
    };
}
