namespace TasksBus.Rules;

/// <summary>
/// Where the sun stands, by the formulas of the NOAA Solar Calculator (gml.noaa.gov/grad/solcalc/calcdetails.html), which are those of
/// Jean Meeus, Astronomical Algorithms, chapters 25 and 28, with the terms that matter to a minute.
/// </summary>
internal static class SunPosition
{
    /// <summary>The sun's declination in degrees, and by how many minutes the sundial is ahead of the clock.</summary>
    public static (double Declination, double EquationOfTime) At(DateTimeOffset instant)
    {
        var century = ((instant.UtcDateTime - new DateTime(2000, 1, 1, 12, 0, 0, DateTimeKind.Utc)).TotalDays) / 36_525;
        var meanLongitude = (280.46646 + (century * (36_000.76983 + (century * 0.0003032)))) % 360;
        var meanAnomaly = 357.52911 + (century * (35_999.05029 - (0.0001537 * century)));
        var eccentricity = 0.016708634 - (century * (0.000042037 + (0.0000001267 * century)));
        var center = (Sin(meanAnomaly) * (1.914602 - (century * (0.004817 + (0.000014 * century)))))
            + (Sin(2 * meanAnomaly) * (0.019993 - (0.000101 * century)))
            + (Sin(3 * meanAnomaly) * 0.000289);
        var node = 125.04 - (1_934.136 * century);
        var longitude = meanLongitude + center - 0.00569 - (0.00478 * Sin(node));
        var meanObliquity = 23 + ((26 + ((21.448 - (century * (46.815 + (century * (0.00059 - (century * 0.001813)))))) / 60)) / 60);
        var obliquity = meanObliquity + (0.00256 * Cos(node));
        var declination = Degrees(Math.Asin(Sin(obliquity) * Sin(longitude)));

        var y = Math.Pow(Math.Tan(Radians(obliquity / 2)), 2);
        var equation = (y * Sin(2 * meanLongitude)) - (2 * eccentricity * Sin(meanAnomaly)) + (4 * eccentricity * y * Sin(meanAnomaly) * Cos(2 * meanLongitude))
            - (0.5 * y * y * Sin(4 * meanLongitude)) - (1.25 * eccentricity * eccentricity * Sin(2 * meanAnomaly));
        return (declination, 4 * Degrees(equation));
    }

    /// <summary>How high its centre stands above the horizon of a place, in degrees, if no air bends its light.</summary>
    public static double Altitude(DateTimeOffset instant, double latitude, double longitude)
    {
        var (declination, equation) = At(instant);
        var hourAngle = ((instant.UtcDateTime.TimeOfDay.TotalMinutes + equation) / 4) + longitude - 180;
        return Degrees(Math.Asin(Math.Clamp((Sin(latitude) * Sin(declination)) + (Cos(latitude) * Cos(declination) * Cos(hourAngle)), -1, 1)));
    }

    private static double Sin(double degrees) => Math.Sin(Radians(degrees));

    private static double Cos(double degrees) => Math.Cos(Radians(degrees));

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    private static double Degrees(double radians) => radians * 180 / Math.PI;
}
