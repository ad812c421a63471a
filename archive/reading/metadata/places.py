"""Which place a name of an office begins with, when several places are called so."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.codebook.divisions import (
    Division,
    division,
    lasting,
    lies_under,
    longest_name,
    named,
)

_LEVELS = {"省": "province", "市": "prefecture", "州": "prefecture", "盟": "prefecture",
           "区": "county", "县": "county", "旗": "county"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The place that an office's name begins with, and the rest of the name.

    name: the place in full; None when no place stands there. code: its lasting code; None when
    several places are called so and nothing tells which.
    """

    name: str | None
    code: str | None
    rest: str


def place_of(text: str, hints: Sequence[str], year: int | None) -> Placed:
    """Splits the name of an office behind its last place (江苏省南通市崇川区|供销社); 区, 县, 市 …
    alone stand for the place of that level that the hints name.

    hints: division codes that the page names elsewhere, the surest first. year: that of the
    report, when known: it tells names that were used one after another.
    """
    found: tuple[Division, ...] = ()
    rest = text
    while (name := longest_name(rest)) is not None:
        below = _below(named(name), found)
        if not below:
            break
        found, rest = below, rest[len(name) :]
    if not found:
        return _bare(text, hints)
    chosen = _chosen(found, hints, year)
    return Placed(name=_full_name(found, chosen), code=chosen, rest=rest)


def place_at(code: str, rest: str) -> Placed:
    """The place of a code, with the rest of a name; without place when the code is not known."""
    here = division(lasting(code))
    if here is None:
        return Placed(name=None, code=None, rest=rest)
    return Placed(name=here.name, code=here.code, rest=rest)


def _below(rows: tuple[Division, ...], above: tuple[Division, ...]) -> tuple[Division, ...]:
    """Those of `rows` that lie under one of the places read before; all when none was."""
    if not above:
        return rows
    codes = {each.code for each in above}
    return tuple(
        each
        for each in rows
        if each.code not in codes and any(lies_under(each.code, code) for code in codes)
    )


def _chosen(rows: Sequence[Division], hints: Sequence[str], year: int | None) -> str | None:
    """The one place meant: by what the page names elsewhere, then by the year, or the only one."""
    for hint in hints:
        near = [(_nearness(each.code, hint), lasting(each.code)) for each in rows]
        best = max(score for score, _ in near)
        codes = {code for score, code in near if score == best}
        if best and len(codes) == 1:
            return codes.pop()
    codes = {lasting(each.code) for each in rows}
    if len(codes) > 1 and year is not None:
        codes = {lasting(each.code) for each in rows if each.holds_in(year)}
    return codes.pop() if len(codes) == 1 else None


def _nearness(code: str, hint: str) -> int:
    """How near a place is to a hint: itself, one above the other, same prefecture or province."""
    if lasting(code) == lasting(hint):
        return 4
    if lies_under(hint, code) or lies_under(code, hint):
        return 3
    if code[:4] == hint[:4] and not code.endswith("0000"):
        return 2
    return int(code[:2] == hint[:2])


def _full_name(rows: Sequence[Division], chosen: str | None) -> str:
    """The place's name in full; the longest of the row's names when several are meant."""
    fitting = [each.name for each in rows if chosen and lasting(each.code) == chosen]
    return max(fitting or [each.name for each in rows], key=len)


def _bare(text: str, hints: Sequence[str]) -> Placed:
    """区供销社, 县政府办公室: the place is the hint's own, or the one above it of that level."""
    level = _LEVELS.get(text[:1])
    for hint in hints if level else ():
        code: str | None = hint
        while code is not None and (here := division(code)) is not None:
            if here.name.endswith(text[0]) or here.level == level == "province":
                return place_at(code, text[1:])
            code = here.parent
    return Placed(name=None, code=None, rest=text)
