"""The verdict of a run: what came in against what was to be expected. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from archive.model.outcome import Outcome, Verdict
from archive.store.rows import Expected

FAILED_SHARE_LIMIT: Final = 0.2
GONE_SHARE_LIMIT: Final = 0.5
_REACHED: Final = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
_TROUBLE: Final = (Outcome.FAILED, Outcome.BLOCKED, Outcome.ROBOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with the one line that explains it."""

    verdict: Verdict
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    could_not_run: bool = False


def judge(
    *,
    counts: Mapping[str, int],
    expected: Iterable[Expected],
    left: int,
    interrupted: bool,
    budget_spent: bool,
    error: str | None,
) -> Judgement:
    """The verdict of a run.

    counts: addresses by outcome. expected: what each portal was known to have before the run.
    left: addresses still on the frontier. error: why the archive could take no more in.
    """
    if error is not None:
        judgement = replace(_bad(error), could_not_run=True)
    elif interrupted:
        reason = f"{left} addresses left; the same command goes on"
        judgement = Judgement(verdict=Verdict.INTERRUPTED, reason=reason)
    else:
        judgement = _weigh(counts, expected, left, budget_spent=budget_spent)
    return replace(judgement, counts=counts)


def _weigh(
    counts: Mapping[str, int],
    expected: Iterable[Expected],
    left: int,
    *,
    budget_spent: bool,
) -> Judgement:
    reached = sum(counts.get(o.value, 0) for o in _REACHED)
    total = sum(counts.values())
    trouble = sum(counts.get(o.value, 0) for o in _TROUBLE)
    lost = counts.get(Outcome.GONE.value, 0) + counts.get(Outcome.SOFT_404.value, 0)
    known = sum(e.lists + e.reports + e.others for e in expected)
    if total == 0 and left == 0:
        return Judgement(verdict=Verdict.GOOD, reason="nothing was due")
    if reached == 0:
        return _bad("nothing could be reached")
    if trouble > FAILED_SHARE_LIMIT * total:
        return _bad(f"{trouble} of {total} addresses failed or were refused")
    if known and lost > GONE_SHARE_LIMIT * known:
        return _bad(f"{lost} of {known} known pages are gone")
    note = f", {left} left for the next run (--max-pages)" if budget_spent else ""
    return Judgement(verdict=Verdict.GOOD, reason=f"{reached} of {total} addresses reached{note}")


def _bad(reason: str) -> Judgement:
    return Judgement(verdict=Verdict.BAD, reason=reason)
