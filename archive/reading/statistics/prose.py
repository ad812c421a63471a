"""Numbers that a report states in its prose, each with the sentence that says so."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from archive.model.content import narrow
from archive.model.reading import CellState

_MAX_LINE = 20_000
_MAX_SENTENCE = 600
_MIN_CLAUSE = 4
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_CLAUSE = re.compile(r"[，,：:（）()]")
_NUMBER = r"(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,9})"
_UNIT = r"(?P<unit>件次|件|份|起|宗|条|例|次|个|篇|项)(?!以上|左右)"
# The pattern of every fact ends with a number and its unit: no other is tried where there is none.
_COUNT = re.compile(r"\d(?:[件份起宗条例次个篇项元]|万元)")
_NONE = re.compile(r"[未没无不均都]|全部")
_MONEY = r"(?P<number>\d{1,9}(?:\.\d{1,4})?)(?P<unit>万元|元)"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A number in prose.

    concept: received, carried_in, carried_out, closed, replied, handled, proactive, normative,
        handling_fee, review, litigation, review.upheld …
    state: given, or stated_none where the sentence says that there was none (value 0).
    where: "line 12", 1-based.
    """

    concept: str
    value: Decimal
    unit: str | None
    printed: str
    state: CellState
    sentence: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    concept: str
    pattern: re.Pattern[str]
    topic: str | None
    about: tuple[str, ...]
    needs: tuple[str, ...]
    needs_sentence: tuple[str, ...]
    without: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    facts: tuple[_Fact, ...]
    none: tuple[_Fact, ...]
    not_the_year: tuple[str, ...]
    not_requests: tuple[str, ...]


def read_prose(lines: Sequence[str]) -> tuple[Stated, ...]:
    """Every number stated about requests, suits, documents and fees, in order.

    Table rows (lines with tabs or bars) are no prose; parts of the year, comparisons with other
    years and counts of other things than requests are left out.

    >>> [(s.concept, s.value) for s in read_prose(["共办理行政诉讼7起，其中其他情形数1件。"])]
    [('litigation', Decimal('7')), ('litigation.other', Decimal('1'))]
    """
    return tuple(
        stated
        for number, line in enumerate(lines, 1)
        if "\t" not in line and "|" not in line and len(line) <= _MAX_LINE
        for sentence in _SENTENCE.findall(line)
        for stated in _in_sentence(sentence.strip(), number)
    )


def compared_with(form: str, concept: str) -> tuple[tuple[str, ...], ...]:
    """The cells (sums of cells) of a form that a stated number may equal; () where none do."""
    table = _compare().get(form, {})
    return tuple(tuple(cells) for cells in table.get(concept, ()))


def _in_sentence(sentence: str, line: int) -> Iterator[Stated]:
    if not 4 <= len(sentence) <= _MAX_SENTENCE:
        return
    text = "".join(narrow(sentence).split())
    if _COUNT.search(text) is None and _NONE.search(text) is None:
        return
    text = _THOUSANDS.sub("", text)
    topic = ""
    for clause in _CLAUSE.split(text):
        for concept, stated, unit, printed, turned in _in_clause(clause, text, topic):
            topic = turned or topic
            yield Stated(
                concept=concept,
                value=stated,
                unit=unit,
                printed=printed,
                state=CellState.GIVEN if printed[:1].isdigit() else CellState.STATED_NONE,
                sentence=sentence,
                where=f"line {line}",
            )
        topic = _topic_of(clause) or topic


def _in_clause(
    clause: str, sentence: str, topic: str
) -> Iterator[tuple[str, Decimal, str | None, str, str | None]]:
    words = _words()
    counts, denies = _COUNT.search(clause), _NONE.search(clause)
    if len(clause) < _MIN_CLAUSE or not (counts or denies):
        return
    if any(word in clause for word in words.not_the_year):
        return
    met: set[str] = set()
    for fact in words.facts if counts else ():
        about = topic if topic in fact.about else ""
        found = None if fact.about and not about else fact.pattern.search(clause)
        if found is None or not _fits(fact, clause, sentence, words):
            continue
        concept = f"{about}.{fact.concept}" if about in ("review", "litigation") else fact.concept
        if concept in met:
            continue
        met.add(concept)
        number = found["number"] + found["unit"]
        yield concept, Decimal(found["number"]), found["unit"], number, fact.topic
    for fact in words.none if denies else ():
        found = fact.pattern.search(clause)
        if found and fact.concept not in met and _fits(fact, clause, sentence, words, sentence):
            yield fact.concept, Decimal(0), None, found.group(), None


def _fits(fact: _Fact, clause: str, sentence: str, words: _Words, scope: str = "") -> bool:
    """Whether the words around allow the fact. scope: where other things must not be counted."""
    if fact.needs and not any(word in sentence for word in fact.needs):
        return False
    if fact.needs_sentence and not any(word in sentence for word in fact.needs_sentence):
        return False
    if any(word in clause for word in fact.without):
        return any(word in clause for word in fact.unless)
    counts_requests = fact.topic == "request" or "request" in fact.about
    return not (counts_requests and any(word in (scope or clause) for word in words.not_requests))


def _topic_of(clause: str) -> str:
    """What a clause speaks about, also where it gives no number (行政复议方面)."""
    spots = {"review": clause.rfind("复议"), "litigation": clause.rfind("诉讼")}
    spots["request"] = clause.rfind("申请") if max(spots.values()) < 0 else -1
    latest = max(spots, key=lambda topic: spots[topic])
    return latest if spots[latest] >= 0 else ""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.codebook").joinpath("prose.toml").read_text("utf-8"))


def _compare() -> Mapping[str, Mapping[str, Sequence[Sequence[str]]]]:
    found: Mapping[str, Mapping[str, Sequence[Sequence[str]]]] = _data()["compare"]
    return found


@cache
def _words() -> _Words:
    data = _data()
    return _Words(
        facts=tuple(_fact(row) for row in data["facts"]),
        none=tuple(_fact(row) for row in data["none"]),
        not_the_year=tuple(data["not_the_year"]),
        not_requests=tuple(data["not_requests"]),
    )


def _fact(row: Mapping[str, Any]) -> _Fact:
    pattern = row["pattern"].replace("NU", _NUMBER + _UNIT).replace("NM", _MONEY)
    return _Fact(
        concept=row["concept"],
        pattern=re.compile(pattern),
        topic=row.get("topic"),
        about=tuple(row.get("about", "").split()),
        needs=tuple(row.get("needs", ())),
        needs_sentence=tuple(row.get("needs_sentence", ())),
        without=tuple(row.get("without", ())),
        unless=tuple(row.get("unless", ())),
    )
