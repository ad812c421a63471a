"""What a person should know of a run: what is new, what changed, who fell silent, what to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from archive.model.errors import NotFoundError
from archive.model.outcome import Outcome, Verdict
from archive.store import Store
from archive.store.query.health import SilentBody
from archive.store.query.questions import RunRow, run_at
from archive.store.query.run_outcomes import RunPortal, RunVersion, run_portals, run_versions
from archive.work.health.crawling import bodies_silent

SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do, and the command that does it; "" where there is none."""

    what: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run. bad: portals whose verdict is bad, those first that were not so before. recovered:
    those that are good again. new, changed: reports, `SHOWN` of them at most; new_count,
    changed_count: all. silent: bodies whose report is missing at the time of the look.
    """

    run: RunRow
    judged: int
    bad: tuple[RunPortal, ...]
    recovered: tuple[RunPortal, ...]
    new: tuple[RunVersion, ...]
    new_count: int
    changed: tuple[RunVersion, ...]
    changed_count: int
    silent: tuple[SilentBody, ...]
    steps: tuple[Step, ...]


def run_report(store: Store, run_id: int, *, now: datetime) -> RunReport:
    """The report on a run. NotFoundError: there is none of that number."""
    with store.read() as connection:
        run = run_at(connection, run_id)
        if run is None:
            raise NotFoundError(f"the archive has no run {run_id}; see gongkai status")
        portals = run_portals(connection, run_id)
        new, new_count = run_versions(connection, run_id, Outcome.NEW, limit=SHOWN)
        changed, changed_count = run_versions(connection, run_id, Outcome.CHANGED, limit=SHOWN)
    silent = bodies_silent(store, now)
    bad = [each for each in portals if each.verdict == Verdict.BAD]
    bad.sort(key=lambda each: each.before == Verdict.BAD)
    return RunReport(
        run=run,
        judged=len(portals),
        bad=tuple(bad),
        recovered=tuple(
            each for each in portals
            if each.verdict == Verdict.GOOD and each.before == Verdict.BAD
        ),
        new=tuple(new),
        new_count=new_count,
        changed=tuple(changed),
        changed_count=changed_count,
        silent=tuple(silent),
        steps=tuple(_steps(run, bad, silent)),
    )  # fmt: skip


def _steps(run: RunRow, bad: list[RunPortal], silent: list[SilentBody]) -> list[Step]:
    """What helps, the most urgent first."""
    steps = []
    if run.left:
        steps.append(Step(what=f"{run.left:,} URLs are left", command=f"gongkai {run.job}"))
    if bad:
        what = "look at the bad portals below; the same crawl asks one again"
        steps.append(Step(what=what, command=f"gongkai crawl {bad[0].portal}"))
    if silent:
        what = "see which reports are missing, and whether a section was moved"
        steps.append(Step(what=what, command="gongkai coverage --state missing"))
    if run.verdict == Verdict.BAD:
        steps.append(Step(what="see whether anything else is wrong", command="gongkai doctor"))
    return steps
