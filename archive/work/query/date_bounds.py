"""Dates as people type them to bound a search: 2016, 2016-09, 2016-09-30."""

import calendar
import re
from datetime import date

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


def first_day(text: str) -> date:
    """The first day of a year, a month or a day; ValueError when it is none.

    >>> first_day("2016-09")
    datetime.date(2016, 9, 1)
    """
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The last day of a year, a month or a day; ValueError when it is none.

    >>> last_day("2016-02")
    datetime.date(2016, 2, 29)
    """
    year, month, day = _parts(text)
    month = month or 12
    if not day and 1 <= month <= 12:
        day = calendar.monthrange(year, month)[1]
    return date(year, month, day)


def _parts(text: str) -> tuple[int, int, int]:
    """Year, month and day; 0 where it is left out."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part or 0) for part in found.groups())
    return year, month, day
