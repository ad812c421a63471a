"""What a run is worth: every way in which a portal can go wrong is told from the others."""

from dataclasses import replace

import pytest

from archive.model.outcome import Verdict
from archive.store.rows import Expected, PortalFacts
from archive.work.ingest.outcomes import EMPTY_LIST, ENDLESS_LIST
from archive.work.ingest.verdict import Pause, judge, judge_portal

WELL = PortalFacts(counts={"new": 3, "unchanged": 9}, lists_read=2, reports=10)
KNOWN = Expected(lists=2, reports=10, others=0)
HELD = Pause(reason="its host asked to be left alone", planned=False)
NIGHT = Pause(reason="its hours are 22:00-06:00 in China", planned=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"counts": {"blocked": 3}, "reasons": ("status 412",)}, "everything is blocked"),
        ({"counts": {"robots": 1}, "reasons": ("robots.txt answered 503",)}, "answered 503"),
        ({"counts": {"gone": 4}, "reasons": ("status 404",)}, "everything is gone"),
        ({"counts": {"failed": 2}, "reasons": ("timed out",)}, "could be reached (2 of 2: timed out"),
        ({"reasons": (EMPTY_LIST,)}, EMPTY_LIST),
        ({"lists_read": 0, "lists_lost": 1, "reasons": ("status 404",)}, "none of its lists"),
        ({"lists_failed": 1, "reasons": ("timed out",)}, "1 of its lists could not be read"),
        ({"reasons": ("status 404", ENDLESS_LIST)}, "goes on for ever"),
        ({"lists_read": 6, "lists_repeated": 4}, "4 of its 6 lists repeat another one"),
        ({"family_lost": "trs"}, "the layout changed"),
        ({"items_before": 12, "items_now": 5}, "name 5 pages where they named 12"),
        ({"counts": {"new": 7, "failed": 3}, "reasons": ("timed out",)}, "3 of 10 URLs failed"),
        ({"counts": {"unchanged": 2, "blocked": 4}, "never_read": 4}, "4 of 6 URLs failed"),
        ({"counts": {"unchanged": 5, "blocked": 4}, "never_read": 2}, "4 of 9 URLs failed"),
        ({"counts": {"new": 7, "gone": 7}, "known_lost": 7}, "7 of 12 known pages are gone"),
        ({"reports": 0}, "no report was found"),
    ],
)  # fmt: skip
def test_a_portal_is_bad_for_a_reason_that_is_told(change: dict[str, object], said: str) -> None:
    found = judge_portal(replace(WELL, **change), KNOWN, None)
    assert found.verdict is Verdict.BAD
    assert said in found.reason


@pytest.mark.parametrize(
    ("change", "pause"),
    [
        ({}, None),
        ({"counts": {}}, None),
        ({"items_before": 12, "items_now": 6}, None),
        ({"lists_read": 2, "lists_repeated": 1}, None),
        ({"lists_read": 9, "lists_repeated": 3}, None),
        ({"counts": {"new": 9, "failed": 1}}, None),
        ({"counts": {"new": 9, "gone": 9}}, None),  # what never had content was gone all along
        ({"counts": {"unchanged": 2, "robots": 2}, "never_read": 2}, None),
        ({"left": 500}, NIGHT),
        ({"left": 500, "reports": 0}, NIGHT),
        ({"left": 500, "counts": {}}, NIGHT),
        ({"left": 2}, HELD),
    ],
)
def test_a_portal_is_good_otherwise(change: dict[str, object], pause: Pause | None) -> None:
    assert judge_portal(replace(WELL, **change), KNOWN, pause).verdict is Verdict.GOOD


@pytest.mark.parametrize("counts", [{}, {"new": 4}])
def test_what_a_host_holds_back_counts_as_trouble(counts: dict[str, int]) -> None:
    found = judge_portal(replace(WELL, counts=counts, left=30), KNOWN, HELD)
    assert found.verdict is Verdict.BAD
    assert "30 left for the next run (its host asked to be left alone)" in found.reason


def test_one_bad_portal_makes_the_run_bad_and_is_named() -> None:
    down = PortalFacts(counts={"failed": 1}, reasons=("timed out",))
    found = judge(
        facts={"a": WELL, "b": down}, expected={}, pauses={}, interrupted=False, error=None
    )
    assert found.verdict is Verdict.BAD
    assert found.reason.startswith("1 of 2 portals are bad: b: nothing could be reached")
    assert found.counts == {"new": 3, "unchanged": 9, "failed": 1}


def test_an_interrupted_run_goes_on() -> None:
    left = replace(WELL, left=4)
    found = judge(facts={"a": left}, expected={}, pauses={}, interrupted=True, error=None)
    assert found.verdict is Verdict.INTERRUPTED
    assert found.portals["a"].verdict is Verdict.INTERRUPTED


def test_an_archive_that_takes_nothing_more_in_could_not_run() -> None:
    found = judge(facts={}, expected={}, pauses={}, interrupted=True, error="the disk is full")
    assert (found.could_not_run, found.reason) == (True, "the disk is full")


@pytest.mark.parametrize(("refused", "verdict"), [(2, Verdict.GOOD), (3, Verdict.BAD)])
def test_what_is_refused_every_day_counts_alike_every_day(refused: int, verdict: Verdict) -> None:
    first = replace(WELL, counts={"new": 8, "robots": refused}, never_read=refused)
    known = Expected(lists=2, reports=6, others=0)
    second = replace(WELL, counts={"unchanged": 2, "robots": refused}, never_read=refused)
    assert judge_portal(first, Expected(lists=0, reports=0, others=0), None).verdict is verdict
    assert judge_portal(second, known, None).verdict is verdict
