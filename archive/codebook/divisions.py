"""The divisions of China (行政区划, GB/T 2260) since 2008: provinces, prefectures and counties,
what became of them, and how they are called in short.

divisions.csv is written by docs/divisions.py, which names its sources; a row is one name of one
code with the years in which it held.
"""

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_AUTONOMOUS = re.compile(r"自治([区州县旗])$")
_MAX_CHAIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One name of one code.

    code: six digits. level: province, prefecture or county. parent: code of the division above;
    None for a province. valid_from: year in which it began; None when before 2002. valid_to: year
    in which it ended; None while it holds. successor: code of what took its place (the same code
    when it was only renamed); None while it holds. source: where the last change is written.
    """

    code: str
    name: str
    level: str
    parent: str | None
    valid_from: int | None
    valid_to: int | None
    successor: str | None
    source: str

    def holds_in(self, year: int) -> bool:
        """True when a report on that year could be its own: it began by then and had not ended."""
        began = self.valid_from is None or self.valid_from <= year
        return began and (self.valid_to is None or year < self.valid_to)


@cache
def divisions() -> tuple[Division, ...]:
    """Every row of the table, by code, then year."""
    text = files(__package__).joinpath("divisions.csv").read_text("utf-8")
    return tuple(
        Division(
            code=row["code"],
            name=row["name"],
            level=row["level"],
            parent=row["parent"] or None,
            valid_from=int(row["valid_from"]) if row["valid_from"] else None,
            valid_to=int(row["valid_to"]) if row["valid_to"] else None,
            successor=row["successor"] or None,
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def division(code: str) -> Division | None:
    """What a code means by its latest name; None for a code that was no division since 2008.

    >>> division("320611").name, division("130502").name
    ('港闸区', '襄都区')
    """
    rows = _by_code().get(code)
    return rows[-1] if rows else None


def named(name: str) -> tuple[Division, ...]:
    """Every division that was ever called so, in full or in short, by code.

    >>> [(each.code, each.valid_to) for each in named("崇川区")]
    [('320602', 2020), ('320613', None)]
    >>> [each.name for each in named("琼中县")]
    ['琼中黎族苗族自治县']
    """
    return _by_name().get(name, ())


def longest_name(text: str) -> str | None:
    """The longest name of a division, full or short, with which a text begins; None when none.

    >>> longest_name("南通市崇川区供销社")
    '南通市'
    """
    names = _by_name()
    most = min(_most_characters(), len(text))
    return next((text[:n] for n in range(most, 1, -1) if text[:n] in names), None)


def lasting(code: str) -> str:
    """The code under which a division goes on under the same name: 崇川区 was 320602 until 2020, is
    320613 now, and is one place. A division that ended or took another name keeps its code.

    >>> lasting("320602"), lasting("320611"), lasting("999999")
    ('320613', '320611', '999999')
    """
    for _ in range(_MAX_CHAIN):
        here = division(code)
        after = division(here.successor) if here and here.successor else None
        if here is None or after is None or after.code == code or after.name != here.name:
            break
        code = after.code
    return code


def lies_under(code: str, above: str) -> bool:
    """True when `above` is the division itself or one of those above it.

    >>> lies_under("320613", "320000"), lies_under("320613", "330000")
    (True, False)
    """
    return above in _line_up(code)


def related(one: str, other: str) -> bool:
    """True when one place is the other, lies in it, or became (part of) it under any name.

    >>> related("320611", "320600"), related("320611", "320613"), related("320611", "320681")
    (True, True, False)
    """
    ones, others = set(_became(one)), set(_became(other))
    around_ones = {code for each in ones for code in _line_up(each)}
    around_others = {code for each in others for code in _line_up(each)}
    return not (ones.isdisjoint(around_others) and others.isdisjoint(around_ones))


@cache
def whole_of(code: str) -> frozenset[str]:
    """Every code whose reports belong to a division of today: itself, what it took over (however
    far back), and all that lies or lay under these.

    >>> sorted(whole_of("320613"))
    ['320602', '320611', '320613']
    """
    whole = {code}
    while True:
        more = {
            each.code
            for each in divisions()
            if each.code not in whole and (each.successor in whole or each.parent in whole)
        }
        if not more:
            return frozenset(whole)
        whole |= more


def short_name(name: str) -> str | None:
    """How an autonomous division is called for short; None for others, and where the peoples'
    names are all there is.

    >>> short_name("琼中黎族苗族自治县"), short_name("红河哈尼族彝族自治州"), short_name("崇川区")
    ('琼中县', '红河州', None)
    """
    ending = _AUTONOMOUS.search(name)
    if ending is None:
        return None
    place = _without_peoples(name[: ending.start()])
    return place + ending[1] if len(place) >= 2 else None


@cache
def peoples() -> tuple[str, ...]:
    """The names of peoples in names of divisions, the longest first (bodies.toml)."""
    words = tomllib.loads(files(__package__).joinpath("bodies.toml").read_text("utf-8"))
    return tuple(sorted(words["peoples"]["names"], key=len, reverse=True))


def _without_peoples(place: str) -> str:
    found = True
    while found:
        found = False
        for people in peoples():
            if place.endswith(people):
                place, found = place[: -len(people)], True
                break
    return place


def forerunners(code: str) -> tuple[Division, ...]:
    """Every division, and every other name of this one, that ended in it, by code and year.

    >>> [(each.name, each.valid_to) for each in forerunners("110118")]
    [('密云县', 2015)]
    >>> [each.name for each in forerunners("320613")]
    ['崇川区', '港闸区']
    """
    return _by_successor().get(code, ())


def _became(code: str) -> Iterator[str]:
    """The code and those that followed it, as far as the table goes."""
    for _ in range(_MAX_CHAIN):
        yield code
        here = division(code)
        if here is None or here.successor is None or here.successor == code:
            return
        code = here.successor


def _line_up(code: str) -> Iterator[str]:
    here = division(code)
    while here is not None:
        yield here.code
        here = division(here.parent) if here.parent else None


@cache
def _by_code() -> dict[str, tuple[Division, ...]]:
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for each in divisions():
        found[each.code].append(each)
    return {code: tuple(rows) for code, rows in found.items()}


@cache
def _by_successor() -> dict[str, tuple[Division, ...]]:
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for each in divisions():
        if each.successor is not None:
            found[each.successor].append(each)
    return {code: tuple(rows) for code, rows in found.items()}


@cache
def _by_name() -> dict[str, tuple[Division, ...]]:
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for each in divisions():
        for name in _names(each.name):
            found[name].append(each)
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def _most_characters() -> int:
    return max(map(len, _by_name()))


def _names(name: str) -> Iterator[str]:
    yield name
    ending = _AUTONOMOUS.search(name)
    short = short_name(name)
    if ending is not None and short is not None:
        yield short
        yield f"{short[:-1]}自治{ending[1]}"
