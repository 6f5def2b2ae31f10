using System.Globalization;

using TasksBus.Rules;

namespace TasksBus.Tests.Schedules;

/// <summary>Events of the sun.</summary>
public sealed class SolarTests
{
    private static readonly Dictionary<SolarEvent, double> Altitudes = new()
    {
        [SolarEvent.DawnAstronomical] = -18,
        [SolarEvent.DawnNautical] = -12,
        [SolarEvent.DawnCivil] = -6,
        [SolarEvent.Sunrise] = -0.833,
        [SolarEvent.Sunset] = -0.833,
        [SolarEvent.DuskCivil] = -6,
        [SolarEvent.DuskNautical] = -12,
        [SolarEvent.DuskAstronomical] = -18,
    };

    [Fact]
    public void Every_event_is_within_a_minute_of_what_an_astronomical_library_says() =>
        Assert.All(RuleData.Read("solar.tsv"), line =>
        {
            var rule = ScheduleRule.Solar(
                Enum.Parse<SolarEvent>(line[2]), double.Parse(line[0], CultureInfo.InvariantCulture), double.Parse(line[1], CultureInfo.InvariantCulture));

            var next = RuleData.Next(new ScheduleTiming(rule), line[3], 1)[0];

            Assert.True((next - RuleData.Instant(line[4])).Duration() <= TimeSpan.FromMinutes(1), $"{string.Join(' ', line)}, but we say {next:O}.");
        });

    /// <remarks>Atlanta (33.8 N, 84.4 W) on 6 September 2009 as the U.S. Naval Observatory publishes it, to the minute; quoted at rhodesmill.org/pyephem/rise-set.html.</remarks>
    [Theory]
    [InlineData(SolarEvent.DawnCivil, "2009-09-06T10:50:00Z")]
    [InlineData(SolarEvent.Sunrise, "2009-09-06T11:15:00Z")]
    [InlineData(SolarEvent.SolarNoon, "2009-09-06T17:36:00Z")]
    [InlineData(SolarEvent.Sunset, "2009-09-06T23:56:00Z")]
    [InlineData(SolarEvent.DuskCivil, "2009-09-07T00:21:00Z")]
    public void Every_event_is_within_a_minute_of_the_published_table(SolarEvent solarEvent, string published)
    {
        var next = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(solarEvent, 33.8, -84.4)), "2009-09-06T06:00:00Z", 1)[0];

        Assert.True((next - RuleData.Instant(published)).Duration() <= TimeSpan.FromMinutes(1), $"{next:O}");
    }

    /// <remarks>Defiance, Ohio, on 8 November 2019, from JPL's ephemeris DE421; and Bluffton, Ohio, on 12 September 2018, from the U.S. Naval Observatory. Source of both: Skyfield's test_almanac.py.</remarks>
    [Theory]
    [InlineData(SolarEvent.DawnAstronomical, 41.281944, -84.362778, "2019-11-08T10:42:00Z")]
    [InlineData(SolarEvent.DawnNautical, 41.281944, -84.362778, "2019-11-08T11:15:00Z")]
    [InlineData(SolarEvent.DawnCivil, 41.281944, -84.362778, "2019-11-08T11:48:00Z")]
    [InlineData(SolarEvent.Sunrise, 41.281944, -84.362778, "2019-11-08T12:17:00Z")]
    [InlineData(SolarEvent.Sunset, 41.281944, -84.362778, "2019-11-08T22:25:00Z")]
    [InlineData(SolarEvent.DuskCivil, 41.281944, -84.362778, "2019-11-08T22:54:00Z")]
    [InlineData(SolarEvent.DuskNautical, 41.281944, -84.362778, "2019-11-08T23:27:00Z")]
    [InlineData(SolarEvent.DuskAstronomical, 41.281944, -84.362778, "2019-11-08T23:59:00Z")]
    [InlineData(SolarEvent.Sunrise, 40.8939, -83.8917, "2018-09-12T11:13:00Z")]
    [InlineData(SolarEvent.Sunset, 40.8939, -83.8917, "2018-09-12T23:50:00Z")]
    public void Every_twilight_is_within_a_minute_of_what_an_ephemeris_gives(SolarEvent solarEvent, double latitude, double longitude, string published)
    {
        var morning = RuleData.Instant(published).AddHours(-12);
        var next = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(solarEvent, latitude, longitude)), $"{morning:O}", 1)[0];

        Assert.True((next - RuleData.Instant(published)).Duration() <= TimeSpan.FromMinutes(1), $"{next:O}");
    }

    [Fact]
    public void Days_without_the_event_are_left_out()
    {
        var sunrises = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(SolarEvent.Sunrise, 69.6492, 18.9553)), "2026-11-20T00:00:00Z", 20);

        // In Tromsø the sun does not rise from the end of November to the middle of January.
        var longest = sunrises.Zip(sunrises.Skip(1), (one, next) => next - one).Max();
        Assert.InRange(longest, TimeSpan.FromDays(40), TimeSpan.FromDays(60));
    }

    /// <remarks>The altitude of the same sun at each minute of a year: at the edges of seasons without an event, it comes close to solar midnight or noon.</remarks>
    [Theory]
    [InlineData(69.65, 18.9)]
    [InlineData(52, 18.9)]
    [InlineData(78.2, 15.6)]
    [InlineData(-67.6, -68.1)]
    public void Every_event_comes_on_each_day_on_which_the_sun_crosses_its_altitude(double latitude, double longitude)
    {
        var start = RuleData.Instant("2026-01-01T00:00:00Z");
        var altitudes = Enumerable.Range(0, 365 * 24 * 60).Select(minute => SunPosition.Altitude(start.AddMinutes(minute), latitude, longitude)).ToList();

        Assert.All(Altitudes, one =>
        {
            var rises = one.Key < SolarEvent.SolarNoon;
            var crossings = Enumerable.Range(1, altitudes.Count - 1)
                .Where(minute => rises ? altitudes[minute - 1] <= one.Value && altitudes[minute] > one.Value : altitudes[minute - 1] >= one.Value && altitudes[minute] < one.Value).ToList();

            var events = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(one.Key, latitude, longitude)), "2026-01-01T00:00:00Z", crossings.Count);

            Assert.All(crossings.Zip(events), pair => Assert.InRange((pair.Second - start).TotalMinutes, pair.First - 1.1, pair.First + 0.1));
        });
    }

    [Theory]
    [InlineData(69.65, SolarEvent.Sunrise, "2026-05-17T12:00:00Z", "2026-05-17T22:51:00Z")]
    [InlineData(69.65, SolarEvent.Sunset, "2026-07-25T12:00:00Z", "2026-07-25T22:37:00Z")]
    [InlineData(52, SolarEvent.DuskAstronomical, "2026-07-23T12:00:00Z", "2026-07-23T22:34:00Z")]
    public void The_first_and_the_last_event_of_a_season_come_next_to_solar_midnight(double latitude, SolarEvent solarEvent, string after, string at)
    {
        var next = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(solarEvent, latitude, 18.9)), after, 1)[0];

        Assert.True((next - RuleData.Instant(at)).Duration() <= TimeSpan.FromMinutes(1), $"{next:O}");
    }

    [Theory]
    [InlineData(89.9)]
    [InlineData(90)]
    [InlineData(-90)]
    public void At_the_poles_the_sun_rises_once_a_year(double latitude)
    {
        var sunrises = RuleData.Next(new ScheduleTiming(ScheduleRule.Solar(SolarEvent.Sunrise, latitude, 18.9)), "2026-01-01T00:00:00Z", 3);

        Assert.Equal([2026, 2027, 2028], sunrises.Select(sunrise => sunrise.Year));
        Assert.All(sunrises, sunrise => Assert.Equal(latitude > 0 ? 3 : 9, sunrise.Month));
    }
}
