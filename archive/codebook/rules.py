"""The consistency rules as data: sums between cells of one report, and in words those that code
checks.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from archive.codebook.forms import CodebookError, form

APPLICANTS = "applicants"
ROWS = "rows"
ONCE = "once"
AT_MOST = "at_most"
ACROSS_YEARS = "across_years"
EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. left and right are keys without the form (applicants where over is "rows"); both are
    empty for rules that code checks, whose kind is "across_years" or "words".

    text, text_en: the rule in words. scope: what it is about where a rule has several lines; ""
    otherwise.
    instead_of, instead: keys that others may stand for; () where there are none.
    strength: "structural" (the form demands it) or "soft" (likely).
    """

    id: str
    forms: tuple[str, ...]
    scope: str
    text: str
    text_en: str
    kind: str
    over: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    instead_of: tuple[str, ...]
    instead: tuple[str, ...]
    strength: str
    source: str


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """The rules that hold for a form (f14, f19, f21); () for forms without rules.

    >>> [rule.id for rule in rules("f21")]
    ['R1', 'R2', 'R3', 'R4', 'R4', 'R4']
    """
    return tuple(rule for rule in load_rules(_data()) if name in rule.forms)


@cache
def all_rules() -> tuple[Rule, ...]:
    """R1 to R21, also those that code checks, by number.

    >>> len({rule.id for rule in all_rules()})
    21
    """
    data = _data()
    described = [_rule(row, data["sources"]) for row in data["described"]]
    return tuple(sorted((*load_rules(data), *described), key=lambda rule: int(rule.id[1:])))


def load_rules(data: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a parsed TOML. Raises CodebookError when one names a cell that is not there."""
    found = tuple(_rule(row, data["sources"]) for row in data["rules"])
    for rule in found:
        _validate(rule)
    return found


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.codebook").joinpath("rules.toml").read_text("utf-8"))


def _rule(row: Mapping[str, Any], sources: Mapping[str, str]) -> Rule:
    return Rule(
        id=row["id"],
        forms=tuple(row["forms"]),
        scope=row.get("scope", ""),
        text=row["text"],
        text_en=row["text_en"],
        kind=row.get("kind", EQUAL),
        over=row.get("over", ONCE),
        left=tuple(row.get("left", ())),
        right=tuple(row.get("right", ())),
        instead_of=tuple(row.get("instead_of", ())),
        instead=tuple(row.get("instead", ())),
        strength=row["strength"],
        source=sources[row["source"]],
    )


def _validate(rule: Rule) -> None:
    for name in rule.forms:
        found = form(name)
        known = {row.key for row in found.rows}
        known |= {f"{row.key}.{cell}" for row in found.rows for cell in row.cells}
        if rule.over == ROWS:
            known = {column.key for column in found.applicants}
        missing = {*rule.left, *rule.right, *rule.instead} - known
        if missing:
            raise CodebookError(f"{rule.id} names unknown cells of {name}: {sorted(missing)}")
