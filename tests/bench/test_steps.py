"""The ratchet of reading: a page takes at most a tenth more steps than were saved."""

import sys
from types import FrameType
from typing import Any

import pytest

from bench import steps
from bench.reading import Page, ours
from bench.steps import Steps, counted, dearer, samples, saved, steps_table

SAMPLES = samples()


@pytest.fixture(scope="module")
def found() -> dict[str, Steps]:
    return {name: counted(pages) for name, pages in SAMPLES.items()}


def test_a_page_takes_no_more_steps_than_were_saved(found: dict[str, Steps]) -> None:
    known = saved()
    if not known:
        pytest.skip("no counts were saved for this version of Python: python -m bench.steps --save")
    worse = {name: dearer(found[name], known[name]) for name in SAMPLES}
    assert not any(worse.values()), worse


def test_counts_are_the_same_at_every_run(found: dict[str, Steps]) -> None:
    again = counted(SAMPLES["lists"])
    assert not dearer(again, found["lists"])
    assert not dearer(found["lists"], again)


def test_a_page_that_is_read_twice_is_found(found: dict[str, Steps]) -> None:
    def twice(page: Page) -> object:
        return ours(page), ours(page)

    worse = dearer(counted(SAMPLES["lists"][:1], twice), found["lists"])
    assert len(worse) == 3
    assert worse[0].startswith("instructions: ")


def test_tracers_that_were_set_are_set_again() -> None:
    def tracer(_: FrameType, __: str, ___: Any) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        counted(SAMPLES["lists"][:1], lambda page: page.url.upper())
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_the_samples_are_what_they_are_called() -> None:
    tables = [[page.body.count(b"<table") for page in pages] for pages in SAMPLES.values()]
    assert tables[:2] == [[4] * 4, [1] * 4]
    assert len(SAMPLES["lists"]) == 3


def test_counts_of_another_python_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(saved()) in ({*SAMPLES}, set())
    monkeypatch.setattr(steps, "_version", lambda: "2.7")
    assert saved() == {}


def test_the_table_tells_every_count() -> None:
    told = steps_table({"lists": Steps(instructions=1200, calls=30, searches=4)})
    assert told.splitlines()[-1] == "| lists | 1,200 | 30 | 4 |"
