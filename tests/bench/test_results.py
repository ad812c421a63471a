"""The page of results: parts that were not measured stay, readings take turns."""

import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import reading
from bench.reading import Page
from bench.report import sections

KEPT = "# What a crawl costs\n\n## Whole jobs\n\nthe jobs\n\n## Reading alone\n\nthe readings\n"
PAGE = Page(url="http://www.example.gov.cn/a.html", body=b"<html><p>1</p></html>")


def test_parts_are_told_by_their_headings() -> None:
    assert sections(KEPT) == {"Whole jobs": "the jobs", "Reading alone": "the readings"}


def test_measuring_one_part_keeps_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text(KEPT)
    monkeypatch.setattr(command, "RESULTS", results)
    monkeypatch.setattr(command, "saved_pages", lambda: [PAGE])
    command_line = ["bench", "--only", "reading", "--reports", "2", "--rounds", "1"]
    monkeypatch.setattr(sys, "argv", command_line)
    command.main()
    parts = sections(results.read_text())
    assert parts["Whole jobs"] == "the jobs"
    assert parts["Reading alone"].count(f"| {reading.OURS} |") == 2


def test_readers_take_turns_every_few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []
    jobs = {name: lambda _, name=name: met.append(name) for name in "ab"}
    monkeypatch.setattr(reading, "JOBS", jobs)
    monkeypatch.setattr(reading, "TURN", 2)
    reading.rounds(1, [PAGE] * 3)
    assert "".join(met) == "ab" + "aabb" + "ab"
