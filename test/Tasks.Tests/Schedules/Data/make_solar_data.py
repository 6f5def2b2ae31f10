#!/usr/bin/env python3
"""Writes solar.tsv: the events of the sun at places and days, for SolarTests to compare with.

    apt-get install python3-ephem && /usr/bin/python3 make_solar_data.py > solar.tsv

Made with PyEphem 4.1.4 of Debian 12, on XEphem's libastro, which follows VSOP87: the library that Celery takes its solar schedules from, with the horizons that
Celery gives it: 34' below for the upper limb, 6, 12 and 18 degrees below for the centre, no further refraction. Each line: latitude, longitude, event, an
instant in UTC, and the first event after it.
"""
import math

import ephem

PLACES = [(51.4778, 0.0), (52.52, 13.405), (40.7128, -74.006), (-33.8688, 151.2093), (35.6895, 139.6917), (0.0, 0.0), (-1.2921, 36.8219), (59.9139, 10.7522),
          (-54.8019, -68.303), (19.4326, -99.1332), (21.3069, -157.8583), (-36.8485, 174.7633)]
DAYS = [(2024, 1, 5), (2024, 2, 29), (2024, 6, 21), (2025, 3, 20), (2025, 9, 23), (2026, 11, 22), (2030, 12, 21)]
EVENTS = {
    "DawnAstronomical": ("-18", "next_rising"), "DawnNautical": ("-12", "next_rising"), "DawnCivil": ("-6", "next_rising"), "Sunrise": ("-0:34", "next_rising"),
    "SolarNoon": ("0", "next_transit"), "Sunset": ("-0:34", "next_setting"), "DuskCivil": ("-6", "next_setting"), "DuskNautical": ("-12", "next_setting"),
    "DuskAstronomical": ("-18", "next_setting"),
}


def main():
    for latitude, longitude in PLACES:
        for day in DAYS:
            for event, (horizon, method) in EVENTS.items():
                observer = ephem.Observer()
                observer.lat, observer.lon = math.radians(latitude), math.radians(longitude)
                observer.elevation, observer.pressure, observer.horizon = 0, 0, horizon
                observer.date = ephem.Date(day)
                try:
                    find = getattr(observer, method)
                    instant = find(ephem.Sun()) if event in ("Sunrise", "Sunset", "SolarNoon") else find(ephem.Sun(), use_center=True)
                except (ephem.AlwaysUpError, ephem.NeverUpError):
                    continue  # The day has none, and the next that has one is looked for elsewhere.
                print(latitude, longitude, event, ephem.Date(day).datetime().strftime("%Y-%m-%dT%H:%M:%SZ"), instant.datetime().strftime("%Y-%m-%dT%H:%M:%SZ"), sep="\t")


if __name__ == "__main__":
    main()
