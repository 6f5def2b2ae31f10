namespace TasksBus.Rules;

/// <summary>The instants of an event of the sun at a place.</summary>
internal sealed class SolarInstants(SolarRule rule) : IInstants
{
    /// <summary>No place waits longer for the sun; at the poles it rises once a year.</summary>
    private const int MostDays = 400;

    /// <summary>The sun moves on while an instant is looked for: so it is looked for again from what was found, until it stays within a fraction of a second.</summary>
    private const int Rounds = 5;

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
        var minutes = 720 - (4 * rule.Longitude);
        for (var round = 0; round < Rounds; round++)
        {
            var (declination, equation) = SunPosition.At(midnight.AddMinutes(minutes));
            var noon = 720 - (4 * rule.Longitude) - equation;
            if (rule.Event == SolarEvent.SolarNoon)
                minutes = noon;
            else if (SunPosition.HourAngle(Zenith(rule.Event), rule.Latitude, declination) is { } angle)
                minutes = rule.Event < SolarEvent.SolarNoon ? noon - (4 * angle) : noon + (4 * angle);
            else
                return null;
        }

        return midnight.AddSeconds(Math.Round(minutes * 60, MidpointRounding.AwayFromZero));
    }

    private static double Zenith(SolarEvent solarEvent) => solarEvent switch
    {
        SolarEvent.DawnAstronomical or SolarEvent.DuskAstronomical => 108,
        SolarEvent.DawnNautical or SolarEvent.DuskNautical => 102,
        SolarEvent.DawnCivil or SolarEvent.DuskCivil => 96,
        _ => 90.833,
    };
}
