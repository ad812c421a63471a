"""The verdict of a run and of each portal in it: what came in against what was known. Pure.

A failure is loud: one portal that is bad makes the whole run bad, and the reason names it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from archive.model.outcome import Outcome, Verdict
from archive.model.reading import Kind
from archive.store.rows import Expected, PortalFacts
from archive.work.ingest.list_watch import CUT
from archive.work.ingest.outcomes import EMPTY_LIST, ENDLESS_LIST
from archive.work.ingest.report_evidence import is_empty_list, is_report_itself, names_reports

FAILED_SHARE_LIMIT: Final = 0.2
GONE_SHARE_LIMIT: Final = 0.5
# Reports lost at once: departments take down one or two, a third of them is an accident.
LOST_SHARE_LIMIT: Final = 0.1
MIN_LOST: Final = 3
SHRUNK_LIST_LIMIT: Final = 0.5
REPEATED_LISTS_LIMIT: Final = 0.5
NAMED_IN_REASON: Final = 3
_REACHED: Final = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
_TROUBLE: Final = (Outcome.FAILED, Outcome.BLOCKED, Outcome.ROBOTS)
_DOCUMENTS: Final = (Kind.REPORT, Kind.ATTACHMENT)
_NOTHING: Final = Expected(lists=0, reports=0, others=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why URLs of a portal were left for the next run. planned: by our own rules (hours, page
    budget), which is no fault of anybody; else a host asked to be left alone.
    """

    reason: str
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalJudgement:
    """The verdict on one portal, with the one line that explains it."""

    verdict: Verdict
    reason: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with the one line that explains it; portals: the verdict on each, by key;
    warnings: what was put right before the run began.
    """

    verdict: Verdict
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    could_not_run: bool = False
    portals: Mapping[str, PortalJudgement] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def judge(
    *,
    facts: Mapping[str, PortalFacts],
    expected: Mapping[str, Expected],
    pauses: Mapping[str, Pause],
    interrupted: bool,
    error: str | None,
    faults: Sequence[str] = (),
) -> Judgement:
    """The verdict of a run.

    facts: what it brought of each portal. expected: what each was known to have before. pauses:
    why URLs of a portal were left. error: why the archive could take no more in. faults: what
    is wrong with the archive's files, whatever the portals brought.
    """
    portals = {
        key: judge_portal(found, expected.get(key, _NOTHING), pauses.get(key), stopped=interrupted)
        for key, found in facts.items()
    }
    counts = _summed(each.counts for each in facts.values())
    if error is not None:
        judgement = Judgement(verdict=Verdict.BAD, reason=error, could_not_run=True)
    elif interrupted:
        left = sum(each.left for each in facts.values())
        reason = f"{left} URLs left; the same command goes on"
        judgement = Judgement(verdict=Verdict.INTERRUPTED, reason=reason)
    else:
        judgement = _with_faults(_overall(portals), faults)
    return replace(judgement, counts=counts, portals=portals)


def judge_portal(
    facts: PortalFacts, expected: Expected, pause: Pause | None, *, stopped: bool = False
) -> PortalJudgement:
    """The verdict on one portal. stopped: the run was interrupted, so that URLs left only
    mean that it goes on.
    """
    if stopped and facts.left:
        verdict, reason = Verdict.INTERRUPTED, f"{facts.left} URLs left"
    else:
        alarm = _alarm(facts, expected, pause)
        verdict = Verdict.GOOD if alarm is None else Verdict.BAD
        reason = alarm or _fine(facts)
        if facts.left:
            why = pause.reason if pause else "the same command goes on"
            reason += f", {facts.left} left for the next run ({why})"
    return PortalJudgement(verdict=verdict, reason=reason, counts=facts.counts)


def _fine(facts: PortalFacts) -> str:
    total = sum(facts.counts.values())
    if total == 0:
        return "nothing visited" if facts.left else "nothing was due"
    repeated = f", {facts.lists_repeated} lists repeat another" if facts.lists_repeated else ""
    empty = [each.url for each in facts.silent if not is_report_itself(each)]
    empty_lists = f", {len(empty)} of its lists empty ({empty[0]})" if empty else ""
    missed = f", {_lost(facts)}" if facts.lost else ""
    return f"{_of(facts, _REACHED)} of {total} URLs reached{repeated}{empty_lists}{missed}"


def _lost(facts: PortalFacts) -> str:
    what = "report of before is" if len(facts.lost) == 1 else "reports of before are"
    more = ", …" if len(facts.lost) > NAMED_IN_REASON else ""
    return f"{len(facts.lost)} {what} lost: {', '.join(facts.lost[:NAMED_IN_REASON])}{more}"


def _alarm(  # noqa: C901, PLR0911, PLR0912 - one line an alarm, the gravest first
    facts: PortalFacts, expected: Expected, pause: Pause | None
) -> str | None:
    """Why the portal is bad; None when it is not. The gravest reason speaks."""
    total = sum(facts.counts.values())
    held = facts.left if pause is not None and not pause.planned else 0
    if total == 0:
        return _unvisited(facts, expected, held)
    if _of(facts, _REACHED) == 0:
        return _unreached(facts, total)
    # What our own rules hold back is not missing yet.
    complete = facts.left == 0
    trouble = _of(facts, _TROUBLE) + held
    known = expected.lists + expected.reports + expected.others
    graves = (EMPTY_LIST, ENDLESS_LIST, CUT)
    if grave := next((each for each in facts.reasons if each.startswith(graves)), None):
        return grave
    if facts.lists_lost and not facts.lists_read:
        return f"none of its lists could be read ({_first_reason(facts)})"
    if facts.lists_failed:
        return f"{facts.lists_failed} of its lists could not be read ({_first_reason(facts)})"
    if (silent := _silent(facts)) is not None:
        return silent
    if facts.lists_repeated > max(1, REPEATED_LISTS_LIMIT * facts.lists_read):
        return (
            f"{facts.lists_repeated} of its {facts.lists_read} lists repeat another one: does the"
            " portal answer every page of a list with the same?"
        )
    if facts.family_lost is not None:
        return f"the layout changed: the lists no longer show the marks of {facts.family_lost}"
    if facts.items_now < SHRUNK_LIST_LIMIT * facts.items_before:
        return f"its lists name {facts.items_now} pages where they named {facts.items_before}"
    if _is_much(facts, known, trouble, total + held):
        why = f" ({facts.reasons[0]})" if facts.reasons else ""  # else the pause says why
        return f"{trouble} of {total + held} URLs failed or were refused{why}"
    # A URL that never had content was gone all along.
    if known and facts.known_lost > GONE_SHARE_LIMIT * known:
        named = f": {_lost(facts)}" if facts.lost else ""
        return f"{facts.known_lost} of {known} known pages are gone{named}"
    documents = expected.reports + expected.others
    if facts.newly_lost >= max(MIN_LOST, LOST_SHARE_LIMIT * documents):
        return _lost(facts)
    if complete:
        return _without_reports(facts, total)
    return None


def _unvisited(facts: PortalFacts, expected: Expected, held: int) -> str | None:
    """Nothing was due is no fault; nothing was ever seen is one."""
    if facts.left == 0 and expected == _NOTHING and facts.entry is None:
        return "it was never visited, and nothing of it was visited now"
    return "nothing could be reached" if held else None


def _silent(facts: PortalFacts) -> str | None:
    """An entry that names no URL, or a list whose text names reports and that names none; None
    when there is no such one. An empty list among others is no fault.
    """
    for each in facts.silent:
        if is_report_itself(each):
            continue
        read_as_document = each.kind in _DOCUMENTS and not is_empty_list(each)
        if each.is_entry or read_as_document or names_reports(each):
            what = "the entry" if each.is_entry else "the list"
            return f"{what} {each.url} names no URL (it was read as {each.kind})"
    return next(iter(facts.unnamed), None)


def _without_reports(facts: PortalFacts, total: int) -> str | None:
    """Why a portal that was visited as a whole has no report, or names none any more."""
    itself = any(is_report_itself(each) for each in facts.silent)
    if facts.reports == 0 and not itself:
        where = facts.entry or "this"
        among = f"no report was found among {total} URLs"
        return f"{among}: is {where} the list of annual reports?"
    if facts.lists_read and facts.lists_naming == 0 and not itself:
        return f"none of its {facts.lists_read} lists names a report"
    return None


def _is_much(facts: PortalFacts, known: int, trouble: int, total: int) -> bool:
    """Whether too many URLs are in trouble. What never had content is asked for in every run:
    measured against the few that are due it would make a portal bad that was good on its first day.
    """
    asked_again = max(total, known + facts.never_read)
    return (
        facts.never_read > FAILED_SHARE_LIMIT * asked_again
        or trouble - facts.never_read > FAILED_SHARE_LIMIT * (total - facts.never_read)
    )


def _unreached(facts: PortalFacts, total: int) -> str:
    """Nothing gave content: blocked, closed by robots.txt, gone or down, whichever is commonest."""
    commonest = max(facts.counts, key=lambda name: facts.counts[name])
    words_for = {
        Outcome.BLOCKED: "everything is blocked",
        Outcome.ROBOTS: "nothing may be visited",
        Outcome.GONE: "everything is gone: was the section moved?",
        Outcome.SOFT_404: "everything is gone: was the section moved?",
    }
    words = words_for.get(Outcome(commonest), "nothing could be reached")
    return f"{words} ({facts.counts[commonest]} of {total}: {_first_reason(facts)})"


def _overall(portals: Mapping[str, PortalJudgement]) -> Judgement:
    if not portals:
        return Judgement(verdict=Verdict.GOOD, reason="nothing was due")
    bad = {key: each for key, each in portals.items() if each.verdict is not Verdict.GOOD}
    verdict = Verdict.BAD if bad else Verdict.GOOD
    if len(portals) == 1:
        return Judgement(verdict=verdict, reason=next(iter(portals.values())).reason)
    if bad:
        named = [f"{key}: {each.reason}" for key, each in list(bad.items())[:NAMED_IN_REASON]]
        more = "; …" if len(bad) > NAMED_IN_REASON else ""
        reason = f"{len(bad)} of {len(portals)} portals are bad: {'; '.join(named)}{more}"
        return Judgement(verdict=verdict, reason=reason)
    counts = _summed(each.counts for each in portals.values())
    reached = sum(counts.get(name.value, 0) for name in _REACHED)
    reason = f"{reached} of {sum(counts.values())} URLs reached in {len(portals)} portals"
    return Judgement(verdict=verdict, reason=reason)


def _with_faults(judgement: Judgement, faults: Sequence[str]) -> Judgement:
    if not faults:
        return judgement
    reasons = [judgement.reason] if judgement.verdict is Verdict.BAD else []
    return replace(judgement, verdict=Verdict.BAD, reason="; ".join([*faults, *reasons]))


def _first_reason(facts: PortalFacts) -> str:
    return facts.reasons[0] if facts.reasons else "no reason kept"


def _of(facts: PortalFacts, outcomes: tuple[Outcome, ...]) -> int:
    return sum(facts.counts.get(each.value, 0) for each in outcomes)


def _summed(each: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in each:
        total.update(counts)
    return dict(total)
