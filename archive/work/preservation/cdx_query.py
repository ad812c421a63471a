"""A CDX query, as pywb's CDX server API spells it; pure.

https://github.com/webrecorder/pywb/wiki/CDX-Server-API: url, matchType (exact, prefix, host,
domain), closest, from, to, limit, sort. `url=…*` means a prefix, `url=*.…` a domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from archive.model.errors import UsageError
from archive.model.url import canonical

_STAMP = 14
# What a timestamp is filled up with: the beginning of what it names.
_EARLIEST = "00000101000000"
_MAX_LIMIT = 10**9
_CLOCK = ((8, 23), (10, 59), (12, 59))  # where hour, minute and second stand, and their most
_YEAR, _MONTH = 5, 7  # digits that name no more than that
_SPANS = (
    (9, timedelta(days=1)),
    (11, timedelta(hours=1)),
    (13, timedelta(minutes=1)),
    (14, timedelta(seconds=1)),
)


class Match(StrEnum):
    """Which URLs a query means."""

    EXACT = "exact"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxQuery:
    """Which captures are asked for.

    url: canonical, and for a domain its bare name. closest: order by nearness to that instant
    instead of oldest first. start, end: from then on, and before then. None: no bound.
    """

    url: str
    match: Match = Match.EXACT
    closest: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None
    reverse: bool = False


def cdx_query(parameters: Mapping[str, str]) -> CdxQuery:
    """The query that the parameters spell. UsageError says what cannot be meant."""
    match, url = _target(parameters)
    closest = parameters.get("closest") or None
    to = parameters.get("to") or None
    start = parameters.get("from") or None
    sort = parameters.get("sort") or ""
    if sort not in ("", "default", "closest", "reverse"):
        raise UsageError(f"sort={sort!r} is none of default, closest, reverse")
    if sort == "closest" and closest is None:
        raise UsageError("sort=closest needs closest=TIMESTAMP")
    return CdxQuery(
        url=url,
        match=match,
        closest=None if closest is None else nearest_to(closest),
        start=None if start is None else instant(start, "from"),
        end=None if to is None else _behind(to),
        limit=_limit(parameters.get("limit") or None),
        reverse=sort == "reverse",
    )


def _target(parameters: Mapping[str, str]) -> tuple[Match, str]:
    given, named = parameters.get("url", "").strip(), parameters.get("matchType") or None
    if not given:
        raise UsageError("the parameter url is missing")
    if named is not None and named not in set(Match):
        raise UsageError(f"matchType={named!r} is none of {', '.join(Match)}")
    if named is None and given.startswith("*."):
        given, named = given[2:], Match.DOMAIN
    elif named is None and given.endswith("*"):
        given, named = given[:-1], Match.PREFIX
    match = Match(named or Match.EXACT)
    whole = given if "://" in given else f"http://{given}"
    url = canonical(whole)
    if url is None:
        raise UsageError(f"url={given[:200]!r} is no http URL")
    if match is Match.HOST:
        return match, "/".join(url.split("/")[:3]) + "/"
    return match, (urlsplit(url).hostname or "") if match is Match.DOMAIN else url


def instant(stamp: str, name: str) -> datetime:
    """The instant that a timestamp of 4 to 14 digits begins with; a day that no calendar has is
    the last one of its month. UsageError: it is no timestamp.
    """
    if not stamp.isdecimal() or not stamp.isascii() or not 4 <= len(stamp) <= _STAMP:
        raise UsageError(f"{name}={stamp[:40]!r} is no timestamp such as 20260131 (4 to 14 digits)")
    whole = stamp + _EARLIEST[len(stamp) :]
    year, month, day = max(1, int(whole[:4])), int(whole[4:6]), int(whole[6:8])
    hour, minute, second = (min(int(whole[at : at + 2]), most) for at, most in _CLOCK)
    first = datetime(year, min(max(month, 1), 12), 1, hour, minute, second, tzinfo=UTC)
    for back in range(4):
        try:
            return first.replace(day=min(max(day, 1), 31) - back)
        except ValueError:
            continue
    raise UsageError(f"{name}={stamp!r} is no timestamp")  # every month has 28 days


def nearest_to(stamp: str) -> datetime:
    """The instant that a timestamp means where the nearest capture is wanted: the last second of
    what it names, as pywb has it. UsageError: it is no timestamp.

    >>> nearest_to("202602").isoformat()
    '2026-02-28T23:59:59+00:00'
    """
    first = instant(stamp, "closest")
    end = _behind(stamp)
    return first if end is None else end - timedelta(seconds=1)


def _behind(stamp: str) -> datetime | None:
    """The instant behind all that a timestamp names; None behind the end of the calendar."""
    first = instant(stamp, "to")
    if first.year >= 9_999:
        return None
    if len(stamp) <= _YEAR:
        return first.replace(year=first.year + 1)
    if len(stamp) <= _MONTH:
        return (first + timedelta(days=31)).replace(day=1)
    return first + next(span for digits, span in _SPANS if len(stamp) <= digits)


def _limit(given: str | None) -> int | None:
    if given is None:
        return None
    if not given.isdecimal() or not given.isascii() or len(given) > 12 or int(given) < 1:
        raise UsageError(f"limit={given[:40]!r} is no number of captures")
    return min(int(given), _MAX_LIMIT)
