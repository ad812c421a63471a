"""What the national simulation tells, as tables of RESULTS.md."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from archive.model.outcome import Outcome
from bench.national import HOUR, START, YEAR_HOURS, Costs, Nation, Visited
from bench.national_catalogue import Site, national

MACHINES: Final = (0.25, 0.5, 1, 2, 4)
# Of an answer, in KiB: assumed, since it depends on the portals. A 304 has none.
ANSWER_KIB, UNCHANGED_KIB = 30, 12
_GIB: Final = 1024 * 1024
_SEASON: Final = ("2027-01", "2027-02", "2027-03", "2027-04")


def national_part(costs: Costs, every: int) -> str:
    """The tables: how long the first crawl takes by machines, a year, the rush, what it costs."""
    sites = national(every)
    first = {
        machines: Nation(sites, costs, machines=machines, every=every).run(
            YEAR_HOURS, only_first=True
        )
        for machines in MACHINES
    }
    year = Nation(sites, costs, every=every).run(YEAR_HOURS)
    return f"""A simulation in virtual time, by the crawl's own rules of pace and of what is due, of
a made catalogue of 3,209 portals with their offices and townships; every {every}th portal, times
{every}. Machines do what the tables above say: {costs.fresh_a_second:.0f} new pages a second,
{costs.same_a_second:.0f} unchanged ones.
`python -m bench --only national` repeats it to the digit; docs/national.md explains it.

{_first_table(sites, first, every)}

{_year_table(year, every)}

{_cost_table(year, costs, every)}"""


def _first_table(sites: Sequence[Site], first: Mapping[float, Visited], every: int) -> str:
    pages = next(iter(first.values())).first_pages * every
    lines = [
        f"The first crawl, {pages:,} pages and lists, begun on {START:%-d %B}:",
        "",
        "| machines | half of the hosts are done | 95% | all | the last hosts |",
        "|---|---|---|---|---|",
    ]
    shared = {site.group for site in sites if site.portal.platform}
    night = {site.group for site in sites if site.portal.hours}
    for machines, done in first.items():
        ends = sorted((at, name) for name, at in done.group_done_at.items())
        half, most = ends[len(ends) // 2][0], ends[int(len(ends) * 0.95)][0]
        if done.first_done_at is None:
            lines.append(f"| {machines:g} | {_days(half - START)} | {_days(most - START)} | no | |")
            continue
        last = [name for _, name in ends[-7:]]
        what = f"{sum(n in shared for n in last)} of 7 are platforms that portals share"
        what += f", {sum(n in night for n in last)} may be asked at night alone"
        spans = " | ".join(_days(at - START) for at in (half, most, done.first_done_at))
        lines.append(f"| {machines:g} | {spans} | {what} |")
    return "\n".join(lines)


def _year_table(year: Visited, every: int) -> str:
    requests = sum(year.by_outcome.values()) * every
    same = year.by_outcome[Outcome.UNCHANGED] * every
    peak = max((day for day in year.by_day if day[:7] in _SEASON), key=year.by_day.__getitem__)
    season = sum(year.by_month[month] for month in _SEASON) * every
    lags = sorted(year.lags)
    busy = year.busy_s * every / (YEAR_HOURS * HOUR.total_seconds())
    answers = ((requests - same) * ANSWER_KIB + same * UNCHANGED_KIB) / _GIB
    rows = {
        "requests": f"{requests:,}, {year.lists * every:,} of them for lists",
        "answers that brought nothing new": f"{same:,} ({same / requests:.0%})",
        "bytes over the wire": f"{answers:,.0f} GiB, at {ANSWER_KIB} KiB an answer and"
        f" {UNCHANGED_KIB} KiB one that brings nothing (half of them 304)",
        "from January to April": f"{season:,} requests ({season / requests:.0%})",
        "the busiest day of these": f"{peak}, {year.by_day[peak] * every:,} requests",
        "new reports of the year": f"{len(lags) * every:,}",
        "from publishing to capture": f"half within {lags[len(lags) // 2]:.0f} hours, 95% within"
        f" {lags[int(len(lags) * 0.95)]:.0f}, the last after {lags[-1]:.0f}",
        "visits more than a day late": f"{year.overdue * every:,}",
        "one machine is busy": f"{busy:.1%} of the year",
    }
    told = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"A year with one machine, the first crawl included:\n\n| what | |\n|---|---|\n{told}"


def _cost_table(year: Visited, costs: Costs, every: int) -> str:
    same = year.by_outcome[Outcome.UNCHANGED] * every
    fresh = sum(year.by_outcome.values()) * every - same
    hours = (fresh / costs.fresh_a_second, same / costs.same_a_second)
    new_kib = costs.warc_kib + costs.ledger_kib
    stored = (fresh * new_kib + same * costs.again_kib) / _GIB
    return f"""What that costs, from the figures measured above:

| | a new page | an unchanged one | the year |
|---|---|---|---|
| seconds of a machine | {1 / costs.fresh_a_second:.3f} | {1 / costs.same_a_second:.3f} \
| {sum(hours) / 3600:,.0f} hours |
| WARC files and ledger | {costs.warc_kib} + {costs.ledger_kib} KiB | {costs.again_kib} KiB \
| {stored:,.0f} GiB |"""


def _days(span: timedelta) -> str:
    return f"{span / timedelta(days=1):.1f} days"
