"""No regular expression needs more than a time in proportion to its text: the web is hostile.

Whoever writes a slow one: bound what is repeated (`[^>]{0,400}`), or let a match begin only where a
run of characters does (`(?<!\\s)\\s+`). One that is only used with `match` begins with `\\A`.
"""

import re

import pytest

from tests.model.hostile import ROOMS, every_pattern, slow_on


def room(where: str) -> str:
    """The package that a pattern belongs to."""
    return ".".join(where.split(".")[:2])


def test_patterns_are_collected_from_modules_and_data_files() -> None:
    found = every_pattern()
    assert len(found) > 300
    assert set(map(room, found.values())) <= set(ROOMS)
    places = " ".join(found.values())
    for place in ("archive.reading.values.pairs._STRANGER", "archive.families.registry.families()",
                  "archive.codebook.phrases.phrases()", "archive.warc.rules._URI"):  # fmt: skip
        assert place in places


@pytest.mark.parametrize("part", ROOMS)
def test_no_pattern_is_slower_than_its_text_is_long(part: str) -> None:
    slow = [
        f"{where}: {pattern.pattern!r} on {text}"
        for pattern, where in every_pattern().items()
        if room(where) == part and (text := slow_on(pattern)) and slow_on(pattern)
    ]
    assert slow == []


@pytest.mark.parametrize(
    "planted",
    [
        r"\s+$", r"\s*\n", r"\d+年", r"<a\b[^>]*>", r"[a-z]+(?:\.[a-z]+)+", r"(?:a|a)*b",
        r"(?:\s*x?\s*)*;", r"Show\w*\.aspx", r"\bkey\s*:\s*\(?\s*;", rb"<meta[^>]*charset",
    ],
)  # fmt: skip
def test_a_planted_slow_pattern_is_found(planted: str | bytes) -> None:
    assert any(slow_on(re.compile(planted)) for _ in range(12))


@pytest.mark.parametrize(
    "planted",
    [
        r"(?<!\s)\s+$", r"\d{1,4}年", r"<a\b[^<>]{0,400}>", r"\A\s*\d+年", r"(?:(?<!\s)\s+)?\|\s*",
        r"x[^y]{0,400}y",
    ],
)  # fmt: skip
def test_a_linear_pattern_passes(planted: str) -> None:
    assert slow_on(re.compile(planted)) is None
