#!/usr/bin/env python3
"""Writes crontab.tsv: what Celery's own crontab says of cron expressions, for CronTests to compare with.

    apt-get install python3-celery && /usr/bin/python3 make_crontab_data.py > crontab.tsv

Each line: an expression, an instant in UTC, and the next three instants after it. Made with Celery 5.2.6 of Debian 12. The random half always comes out the
same, since the generator is seeded. That version does not know the names of months yet, so it gets their numbers.
"""
import random
import re
from datetime import datetime, timedelta, timezone

import celery
from celery.schedules import ParseException, crontab

APP = celery.Celery(set_as_current=True)
APP.conf.timezone, APP.conf.enable_utc = "UTC", True

CHOSEN = """
* * * * *|*/5 * * * *|*/7 * * * *|0 * * * *|30 * * * *|0 0 * * *|0 2 * * *|15,45 * * * *|0-10 * * * *|0-30/10 * * * *|5-59/15 * * * *|59 23 * * *
0 */2 * * *|0 */3 * * *|0 */5 * * *|0 */7 * * *|0 9-17 * * *|0 9-17/2 * * *|30 22-2 * * *|0 22-4/3 * * *|0,30 8,12,18 * * *|*/20 6-8 * * *
0 0 1 * *|0 0 15 * *|0 0 31 * *|0 0 30 * *|0 0 29 2 *|0 0 */2 * *|0 0 */3 * *|0 0 */10 * *|0 0 1-7 * *|0 0 1,15 * *|0 0 28-31 * *|0 12 10-20/5 * *
0 0 * 1 *|0 0 1 */3 *|0 0 1 */5 *|0 0 1 jan *|0 0 1 jun-aug *|0 0 1 nov-feb *|0 0 1 1,4,7,10 *|0 0 * feb *|0 6 1 dec *|0 0 31 1-12/2 *
0 0 * * 0|0 0 * * sun|0 0 * * 1|0 0 * * mon|0 0 * * mon-fri|0 0 * * 1-5|0 0 * * fri-mon|0 0 * * 5-1|0 0 * * sat,sun|0 0 * * 0,6|0 0 * * */2|0 0 * * tue,thu
0 0 * * MONDAY|0 0 * * Friday|0 9 * * mon-fri/2|*/15 9-17 * * mon-fri|0 0 1 * mon|0 0 13 * fri|0 0 13 * 5|0 0 1-7 * mon|0 0 25-31 * fri|0 0 29 2 mon|0 0 1 1 0|0 8 1-7 */3 sun
30 4 1,15 * 5|0 0 24 12 *|0 0 * 12 sun|45 23 31 12 *|1 1 1 1 *|10 10 10 10 *|0 0 8-14 11 thu|*/30 0 29 2 *|17 3 * * 3|0 3 * * wed|0-5,55-59 12 * * *
""".replace("\n", "|").strip("|").split("|")


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def random_field(low, high, names=None):
    kind = random.randrange(6)
    one, other = sorted(random.sample(range(low, high + 1), 2))
    if kind <= 1:
        return "*"
    if kind == 2:
        return f"*/{random.randint(2, max(2, (high - low) // 2))}"
    if kind == 3:
        return f"{one}-{other}"
    if kind == 4:
        return ",".join(map(str, sorted(random.sample(range(low, high + 1), 3))))
    return str(names[one - low]) if names and random.random() < 0.5 else str(one)


def random_expression():
    days = "sun mon tue wed thu fri sat".split()
    return " ".join([random_field(0, 59), random_field(0, 23), random_field(1, 31), random_field(1, 12, MONTHS), random_field(0, 6, days)])


def next_after(schedule, instant):
    schedule.nowfun = lambda: instant  # Else it takes the instant for a last run long ago.
    last, delta, _ = schedule.remaining_delta(instant, tz=timezone.utc)
    return (last + delta).astimezone(timezone.utc)


def main():
    random.seed(20261122)
    expressions = CHOSEN + [random_expression() for _ in range(160)]
    first = datetime(2024, 1, 1, tzinfo=timezone.utc)
    for expression in expressions:
        minute, hour, day_of_month, month, day_of_week = expression.split(" ")
        start = first + timedelta(minutes=random.randrange(3 * 365 * 24 * 60))
        try:
            numbers = re.sub("[a-z]+", lambda name: str(MONTHS.index(name[0]) + 1), month)
            schedule = crontab(minute, hour, day_of_week, day_of_month, numbers, app=APP)
            instants = [start]
            for _ in range(3):
                instants.append(next_after(schedule, instants[-1]))
        except (ParseException, RuntimeError):
            continue  # A day that no month has.
        print(expression, *(instant.strftime("%Y-%m-%dT%H:%M:%SZ") for instant in instants), sep="\t")


if __name__ == "__main__":
    main()
