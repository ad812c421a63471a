"""Things under each other dealt out to places, each place to stand at the middle of its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KEPT: Final = float("inf")

_EMPTY: Final = 3.0
_MOST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From where to where something reaches."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which things belong to a place, and by how much their middle is off it."""

    items: range
    off: float


def shared_out(
    items: Sequence[Span],
    places: Sequence[float],
    size: float,
    optional: Sequence[float],
    sides: Sequence[int] = (),
) -> list[Share] | None:
    """A run of the items, in their order, for each place: those for which the middles fit best.
    optional: what it costs to leave each out, in sizes off the middle; KEPT are never left out.
    sides: those of -1 and those of 1 are never of one share. None where they cannot all be dealt
    out.

    >>> lines = [Span(begin=0, end=10), Span(begin=12, end=22), Span(begin=30, end=40)]
    >>> [share.items for share in shared_out(lines, [11, 35], 10, [KEPT] * 3)]
    [range(0, 2), range(2, 3)]
    """
    best: dict[int, tuple[float, list[Share]]] = _left_out({0: (0.0, [])}, optional, size)
    for place in places:
        following: dict[int, tuple[float, list[Share]]] = {}
        for begin, (cost, shares) in best.items():
            for end in range(begin, min(len(items), begin + _MOST) + 1):
                if {-1, 1} <= set(sides[begin:end]):
                    break
                share = _share(items, begin, end, place, size)
                if end not in following or cost + share.off < following[end][0]:
                    following[end] = cost + share.off, [*shares, share]
        best = _left_out(following, optional, size)
    whole = best.get(len(items))
    return whole[1] if whole else None


def _share(items: Sequence[Span], begin: int, end: int, place: float, size: float) -> Share:
    if begin == end:
        return Share(items=range(0), off=_EMPTY * size)
    middle = (items[begin].begin + items[end - 1].end) / 2
    return Share(items=range(begin, end), off=abs(middle - place))


def _left_out(
    best: dict[int, tuple[float, list[Share]]], optional: Sequence[float], size: float
) -> dict[int, tuple[float, list[Share]]]:
    """The same, and what comes of leaving out items behind."""
    found = dict(best)
    for number, price in enumerate(optional):
        if price < KEPT and number in found:
            cost = found[number][0] + price * size
            if number + 1 not in found or cost < found[number + 1][0]:
                found[number + 1] = cost, found[number][1]
    return found
