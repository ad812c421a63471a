"""The second-day mode: a crawl again with the clock 25 hours, 8 days and 13 months on. Nothing of
the portals has changed, so nothing may be lost, doubled, closed, or asked for against the rules.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from tests.storm.conftest import Storm
from tests.storm.county import Answer, County, Weather

# How far the clock is on, and what the crawl of that day is told.
DAYS: Mapping[str, tuple[timedelta, tuple[str, ...]]] = {
    "25 hours on": (timedelta(hours=25), ("--full",)),
    "8 days on": (timedelta(days=8), ()),
    "13 months on": (timedelta(days=397), ()),  # every page is due by then
}
_AS_BEFORE = {"new": "unchanged", "changed": "unchanged"}


def ruled(weather: Weather, forbidden: Collection[str]) -> Weather:
    """The same portal with a robots.txt that forbids some of its paths."""
    lines = "".join(f"Disallow: {path}\n" for path in sorted(forbidden))
    rules = Answer(body=f"User-agent: *\n{lines}".encode(), media_type="text/plain")
    return lambda path, times: rules if path == "/robots.txt" else weather(path, times)


def tagged(weather: Weather) -> Weather:
    """The same portal on a server that knows what a client has: it answers 304."""

    def answer(path: str, times: int) -> Answer | None:
        told = weather(path, times)
        if told is None or told.status != 200:
            return told
        tag = f'"{hashlib.sha256(told.body).hexdigest()[:16]}"'
        return replace(told, headers={**told.headers, "ETag": tag})

    return answer


def later_days(
    storm: Storm,
    county: County,
    verdicts: Mapping[str, str],
    forbidden: Collection[str] = (),
    *,
    days: Collection[str] = tuple(DAYS),
    patience_s: float = 300,
) -> list[str]:
    """What goes wrong on later days. verdicts: of the first, by portal; forbidden: paths that no
    robots.txt of the county allows. days: which of DAYS are lived through.
    """
    ends, versions, found = _ends(storm), storm.rows("versions"), list[str]()
    first = Counter((each.host, each.path) for each in county.log)
    for day in days:
        (storm.ahead, args), since = DAYS[day], len(county.log)
        crawl = ("crawl", *verdicts, "--delay", "0", "--json", *args)
        said = json.loads(storm.run(*crawl, status=None, patience_s=patience_s))["portals"]
        requests = Counter((each.host, each.path) for each in county.log[since:])
        wrong = [*_misjudged(verdicts, said), *_misrequested(first, requests, forbidden)]
        wrong += [
            f"{url} is {now!r} where it was {ends.get(url)!r}"
            for url, now in _ends(storm).items()
            if now != ends.get(url) and now != _AS_BEFORE.get(ends.get(url, ""))
        ]
        if (now := storm.rows("versions")) != versions:
            wrong.append(f"{len(now) - len(versions)} new versions")
        found += [f"{day}: {each}" for each in wrong]
    left = sorted(set(first) - set(requests))
    return found + [f"{day}: {host}{path} was left out" for host, path in left]


def verdicts_of(said: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The verdict on each portal as `crawl --json` gave it."""
    return {key: row["verdict"] for key, row in said.items()}


def _ends(storm: Storm) -> dict[str, str]:
    """The latest outcome of every URL."""
    rows = sorted(storm.rows("outcomes"), key=lambda row: int(str(row["run"])))
    return {str(row["url"]): str(row["outcome"]) for row in rows}


def _misjudged(verdicts: Mapping[str, str], said: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for key, row in said.items():
        if row["verdict"] != verdicts[key]:
            yield f"{key} is {row['verdict']}: {row['reason']}"


def _misrequested(
    first: Counter[tuple[str, str]], requests: Counter[tuple[str, str]], forbidden: Collection[str]
) -> Iterator[str]:
    """Every URL no more often than on the first day, none that the rules forbid."""
    for host, path in requests - first:
        yield f"{requests[host, path]} times {host}{path}"
    for host, path in requests:
        if path in forbidden:
            yield f"asked for {host}{path}"
