"""Which cells of a report's tables belong to sums that do not hold, by which rule, by how much."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from archive.model.reading import Finding

Place: TypeAlias = tuple[int, int, int]
"""Table, row and column, from 1, as a figure's `where` says them."""

_WHERE: Final = re.compile(r"table (\d{1,6}) row (\d{1,6}) column (\d{1,6})")
# The end of a violated sum's message: 139+2 ≠ 138+3; between two years it is 54 and 53.
_SIDES: Final = re.compile(r": ([\d.+-]+) (≠|>|and) ([\d.+-]+)$")
_OF_TWO_YEARS: Final = "and"
_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is wrong at a cell. rules: of the sums it is part of. numbers: of their findings, from
    1. sums: the rule and the number of a finding whose right side the cell ends.
    """

    rules: tuple[str, ...]
    numbers: tuple[int, ...]
    sums: tuple[tuple[str, int], ...]


def place_of(where: str | None) -> Place | None:
    """The place that a figure's `where` names; None for one in lines or prose."""
    found = _WHERE.fullmatch((where or "").strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def anchor(place: Place | None) -> str:
    """How a URL names a cell behind #; "" for none.

    >>> anchor((2, 5, 3)), anchor(None)
    ('t2r5c3', '')
    """
    return "t{}r{}c{}".format(*place) if place else ""


def doubts(findings: Sequence[Finding]) -> Mapping[Place, Doubt]:
    """By cell, the sums that do not hold. A violated sum's evidence names its cells, the right
    side last.
    """
    met: dict[Place, list[tuple[str, int, bool]]] = {}
    for number, finding in enumerate(findings, 1):
        places = list(_places(finding)) if _is_within(finding) else []
        for place in places:
            met.setdefault(place, []).append((finding.rule, number, place == places[-1]))
    return {
        place: Doubt(
            rules=tuple(dict.fromkeys(rule for rule, _, _ in found)),
            numbers=tuple(number for _, number, _ in found),
            sums=tuple((rule, number) for rule, number, last in found if last),
        )
        for place, found in met.items()
    }


def _is_within(finding: Finding) -> bool:
    """Whether it is about a sum within one report: the cells of two stand in one evidence."""
    found = _SIDES.search(finding.message[-_LONGEST:])
    return found is not None and found[2] != _OF_TWO_YEARS


def difference(finding: Finding) -> Decimal | None:
    """By how much the left side of a violated sum is greater than the right; None for other
    findings.

    >>> from archive.model.reading import Severity
    >>> said = "natural: 一 + 二 = 三（七）总计 + 四: 139+2 ≠ 138+1"
    >>> difference(Finding(rule="R1", severity=Severity.WARNING, message=said))
    Decimal('2')
    """
    found = _SIDES.search(finding.message[-_LONGEST:])
    if found is None:
        return None
    try:
        left, right = (sum(map(Decimal, side.split("+"))) for side in found.group(1, 3))
    except ArithmeticError:
        return None
    return Decimal(left - right)


def _places(finding: Finding) -> Iterator[Place]:
    for found in _WHERE.finditer(finding.evidence):
        yield int(found[1]), int(found[2]), int(found[3])
