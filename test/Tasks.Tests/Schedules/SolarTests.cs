using System.Globalization;

namespace TasksBus.Tests.Schedules;

/// <summary>Events of the sun.</summary>
public sealed class SolarTests
{
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
}
