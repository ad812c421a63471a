"""What reports state in prose, and in which words (see prose.toml)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from archive.codebook.indicators import concepts

NUMBER: Final = "#"
"""Stands for the number in what a pattern is applied to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number, or that there was none, told by the words around it (the keys of prose.toml).

    concept: as the codebook's indicators name it, where a form counts it too; with `about` it is
        what follows the topic's concept. units: empty for a statement of none.
    """

    concept: str
    pattern: re.Pattern[str]
    units: frozenset[str]
    bare: bool
    topic: str
    about: tuple[str, ...]
    words: tuple[str, ...]
    needs: tuple[str, ...]
    without: tuple[str, ...]
    unless: tuple[str, ...]

    @property
    def counts_requests(self) -> bool:
        """Whether it speaks of requests for information, and of nothing else that is asked for."""
        return self.topic == "request" or "request" in self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseWords:
    """The facts by the units that they may have (None: without one), the statements of none, and
    what tells of which time a number speaks.
    """

    facts: Mapping[str | None, tuple[Fact, ...]]
    none: tuple[Fact, ...]
    other_period: re.Pattern[str]
    cumulative: re.Pattern[str]
    yearly: re.Pattern[str]
    not_requests: tuple[str, ...]


@cache
def prose_words() -> ProseWords:
    """All of prose.toml but the comparison, read once."""
    data = _data()
    units = {name: frozenset(row.split()) for name, row in data["units"].items()}
    facts = [_fact(row, units[row["units"]]) for row in data["facts"]]
    by_unit: dict[str | None, tuple[Fact, ...]] = {
        unit: tuple(fact for fact in facts if unit in fact.units)
        for unit in frozenset().union(*units.values())
    }
    return ProseWords(
        facts=by_unit | {None: tuple(fact for fact in facts if fact.bare)},
        none=tuple(_fact(row, frozenset()) for row in data["none"]),
        other_period=re.compile(data["other_period"]),
        cumulative=re.compile(data["cumulative"]),
        yearly=re.compile(data["yearly"]),
        not_requests=tuple(data["not_requests"]),
    )


@cache
def concept_names() -> Mapping[str, tuple[str, str]]:
    """The Chinese and the English name of each concept that prose states, by key.

    >>> concept_names()["inquiries"], concept_names()["reviews"][0]
    (('咨询数', 'Inquiries'), '行政复议数')
    """
    own = {key: (name, english) for key, (name, english) in _data()["names"].items()}
    return {key: (each.name, each.name_en) for key, each in concepts().items()} | own


def compared_with(form: str, concept: str) -> tuple[tuple[str, ...], ...]:
    """The cells (sums of cells) of a form that a stated number may equal; () where none do."""
    table: Mapping[str, Sequence[Sequence[str]]] = _data()["compare"].get(form, {})
    return tuple(tuple(cells) for cells in table.get(concept, ()))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.codebook").joinpath("prose.toml").read_text("utf-8"))


def _fact(row: Mapping[str, Any], units: frozenset[str]) -> Fact:
    return Fact(
        concept=row["concept"],
        pattern=re.compile(row["pattern"]),
        units=units,
        bare=row.get("bare", False),
        topic=row.get("topic", ""),
        about=tuple(row.get("about", "").split()),
        words=tuple(row.get("words", ())),
        needs=tuple(row.get("needs", ())),
        without=tuple(row.get("without", ())),
        unless=tuple(row.get("unless", ())),
    )
