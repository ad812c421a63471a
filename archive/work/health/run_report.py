"""What a person should know of a run, or of a night of visits by workers: what is new, what
changed, who fell silent, what to do.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from archive.model.errors import NotFoundError
from archive.model.outcome import Outcome, Verdict
from archive.store import Store
from archive.store.query.health import SilentBody
from archive.store.query.questions import RunRow, run_at
from archive.store.query.run_outcomes import (
    RunPortal,
    RunVersion,
    Span,
    run_portals,
    run_versions,
    span_of,
)
from archive.work.health.crawling import bodies_silent
from archive.work.ingest.covered_cells import CHINA

SHOWN: Final = 100
NOON: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do, and the command that does it; "" where there is none."""

    what: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What runs brought. bad: portals whose verdict is bad, those first that were not so before.
    recovered: those that are good again. new, changed: reports, `SHOWN` of them at most; new_count,
    changed_count: all. silent: bodies whose report is missing at the time of the look.
    """

    judged: int
    bad: tuple[RunPortal, ...]
    recovered: tuple[RunPortal, ...]
    new: tuple[RunVersion, ...]
    new_count: int
    changed: tuple[RunVersion, ...]
    changed_count: int
    silent: tuple[SilentBody, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport(Brought):
    """One run."""

    run: RunRow

    @property
    def steps(self) -> tuple[Step, ...]:
        """What helps, the most urgent first."""
        steps = []
        if self.run.left:
            left = f"{self.run.left:,} URLs are left"
            steps.append(Step(what=left, command=f"gongkai {self.run.job}"))
        steps += _steps(self, "the same crawl asks one again", "crawl")
        if self.run.verdict == Verdict.BAD:
            steps.append(Step(what="see whether anything else is wrong", command="gongkai doctor"))
        return tuple(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport(Brought):
    """The visits that workers began in a night, noon to noon in China. on: its evening's date."""

    on: date
    span: Span

    @property
    def steps(self) -> tuple[Step, ...]:
        """What helps, the most urgent first."""
        return tuple(_steps(self, "workers visit one again at once", "schedule"))


def run_report(store: Store, run_id: int, *, now: datetime) -> RunReport:
    """The report on a run. NotFoundError: there is none of that number."""
    with store.read() as connection:
        run = run_at(connection, run_id)
    if run is None:
        raise NotFoundError(f"the archive has no run {run_id}; see gongkai status")
    return RunReport(run=run, **_brought(store, run_id, run_id, now))


def night_of(now: datetime) -> date:
    """The night in which an instant lies, by the date of its evening."""
    return (now.astimezone(CHINA) - NOON).date()


def night_report(store: Store, on: date, *, now: datetime) -> NightReport | None:
    """The report on a night; None where no visit was begun in it."""
    noon = datetime.combine(on, time(), CHINA) + NOON
    with store.read() as connection:
        span = span_of(connection, noon, noon + timedelta(days=1))
    if span is None:
        return None
    return NightReport(on=on, span=span, **_brought(store, span.first, span.last, now))


def _brought(store: Store, first: int, last: int, now: datetime) -> dict[str, Any]:
    with store.read() as connection:
        portals = run_portals(connection, first, last)
        new, new_count = run_versions(connection, first, last, Outcome.NEW, limit=SHOWN)
        changed, changed_count = run_versions(connection, first, last, Outcome.CHANGED, limit=SHOWN)
    bad = [each for each in portals if each.verdict == Verdict.BAD]
    bad.sort(key=lambda each: each.before == Verdict.BAD)
    return {
        "judged": len(portals),
        "bad": tuple(bad),
        "recovered": tuple(
            each for each in portals
            if each.verdict == Verdict.GOOD and each.before == Verdict.BAD
        ),
        "new": tuple(new),
        "new_count": new_count,
        "changed": tuple(changed),
        "changed_count": changed_count,
        "silent": tuple(bodies_silent(store, now)),
    }  # fmt: skip


def _steps(found: Brought, again: str, command: str) -> list[Step]:
    """What helps with what was brought. command: asks a portal again."""
    steps = []
    if found.bad:
        what = f"look at the bad portals below; {again}"
        steps.append(Step(what=what, command=f"gongkai {command} {found.bad[0].portal}"))
    if found.silent:
        what = "see which reports are missing, and whether a section was moved"
        steps.append(Step(what=what, command="gongkai coverage --state missing"))
    return steps
