"""docs/troubleshooting.md quotes the lines that users meet, all of those that end a command with 4."""

import ast
from pathlib import Path

import pytest

from tests.conventions import lines


@pytest.fixture(scope="module")
def quotes(root: Path) -> set[str]:
    return lines.quoted((root / "docs" / "troubleshooting.md").read_text("utf-8"))


def test_every_line_it_quotes_is_in_the_code(root: Path, quotes: set[str]) -> None:
    known, _ = lines.told(root)
    assert lines.unknown(quotes, known) == set()


def test_every_refusal_is_told(root: Path, quotes: set[str]) -> None:
    """A new line of an error with status 4 needs its row."""
    _, refusals = lines.told(root)
    assert len(refusals) > 30
    assert lines.untold(refusals, quotes) == [], "add a row to docs/troubleshooting.md"


PLANTED = 'raise CannotRunError(f"the moon {phase} is not full; wait for it")'


def test_a_planted_line_is_missed() -> None:
    found = list(lines.raised(ast.parse(PLANTED)))
    assert found == ["the moon … is not full; wait for it"]
    assert lines.untold(found, {"the sun … is not full"}) == found
    assert lines.untold(found, {"the moon … is not full"}) == []


def test_a_quote_of_nothing_is_told() -> None:
    assert lines.unknown({"the moon … is full"}, ["the moon … is not full"]) == {
        "the moon … is full"
    }
