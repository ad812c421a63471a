"""Days and years as options give them."""

import argparse
from collections.abc import Callable
from datetime import date

from archive.model.coverage import REPORT_YEARS
from archive.work.query.date_bounds import first_day, last_day


def from_on(text: str) -> date:
    """The first day that a date such as 2016, 2016-09 or 2016-09-30 names."""
    return _day(text, first_day)


def to_on(text: str) -> date:
    """The last day that such a date names."""
    return _day(text, last_day)


def year(text: str) -> int:
    """A year that a report may cover."""
    if not text.isdecimal() or int(text) not in REPORT_YEARS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a year such as 2016")
    return int(text)


def year_or_none(text: str) -> int | None:
    """As `year`; None for the word `none`: what names no year."""
    return None if text == "none" else year(text)


def _day(text: str, day: Callable[[str], date]) -> date:
    try:
        return day(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2016-09-30") from None
