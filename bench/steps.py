"""What reading a page costs in steps: counts that are the same at every run, unlike seconds, so a
test can hold them (tests/bench/test_steps.py).

python -m bench.steps [--save]: prints them, or writes them into bench/steps.json as what the test
compares with.
"""

import argparse
import json
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from bench.reading import Page, ours
from bench.site import list_pages, report_pages

SAVED: Final = Path(__file__).with_name("steps.json")
TOLERANCE: Final = 1.10
_WARMING: Final = 2
_OFFICES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Of one page: Python's instructions, calls of functions in C, and searches with patterns among
    these.
    """

    instructions: int
    calls: int
    searches: int


def samples() -> dict[str, list[Page]]:
    """What is counted: reports with three tables, reports of prose, list pages."""
    mixed = report_pages(_OFFICES * 4, seed=7, mixed=True)  # four years each; the last is prose
    return {
        "reports with tables": mixed[:4],
        "reports of prose": mixed[-4:],
        "lists": list_pages(60, seed=7),
    }


def counted(pages: Sequence[Page], job: Callable[[Page], object] = ours) -> Steps:
    """The steps of a page, on average, when pages like it were read before."""
    for page in [*pages] * _WARMING:
        job(page)
    counter = _Counter()
    before = sys.gettrace(), sys.getprofile()
    sys.settrace(counter.trace)
    sys.setprofile(counter.profile)
    try:
        for page in pages:
            job(page)
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return Steps(
        instructions=counter.instructions // len(pages),
        calls=counter.calls // len(pages),
        searches=counter.searches // len(pages),
    )


class _Counter:
    def __init__(self) -> None:
        self.instructions = self.calls = self.searches = 0

    def trace(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "opcode":
            self.instructions += 1
        elif event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self.trace

    def profile(self, _: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            self.calls += 1
            self.searches += isinstance(getattr(called, "__self__", None), re.Pattern)


def saved() -> dict[str, Steps]:
    """What was saved for this version of Python; empty for others, which take other steps."""
    rows = json.loads(SAVED.read_text(encoding="utf-8")).get(_version(), {})
    return {name: Steps(**row) for name, row in rows.items()}


def dearer(now: Steps, then: Steps) -> list[str]:
    """What costs more than a tenth more than it did; [] when nothing does."""
    pairs = ((name, count, asdict(then)[name]) for name, count in asdict(now).items())
    return [
        f"{name}: {count}, {allowed} were saved"
        for name, count, allowed in pairs
        if count > allowed * TOLERANCE
    ]


def steps_table(found: dict[str, Steps]) -> str:
    """The counts as a Markdown table."""
    lines = ["| of a page | instructions | calls of C | searches |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {each.instructions:,} | {each.calls:,} | {each.searches:,} |"
        for name, each in found.items()
    ]
    return "\n".join(lines)


def _version() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def main() -> None:
    """Counts, prints, saves when asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__)
    parser.add_argument("--save", action="store_true", help="make these the counts that count")
    chosen = parser.parse_args()
    found = {name: counted(pages) for name, pages in samples().items()}
    print(steps_table(found))
    if chosen.save:
        rows = json.loads(SAVED.read_text(encoding="utf-8")) if SAVED.exists() else {}
        rows[_version()] = {name: asdict(each) for name, each in found.items()}
        SAVED.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
