"""A place as people name it, as the codes it stands for."""

from collections import Counter
from collections.abc import Iterable

from archive.codebook.divisions import division, lasting, named, whole_of
from archive.model.coverage import FIRST_YEAR
from archive.model.errors import UsageError


def divisions_within(given: str) -> frozenset[str]:
    """The codes of a place given by code or name, with all that it took over and all below it.
    UsageError: no such place, or several.
    """
    if given.isdecimal():
        if division(given) is None:
            raise UsageError(f"{given} is no division code of GB/T 2260 since {FIRST_YEAR}")
        return whole_of(lasting(given))
    codes = sorted({lasting(each.code) for each in named(given)})
    if not codes:
        raise UsageError(f"no division is called {given!r}; give its code, such as 320613")
    if len(codes) > 1:
        raise UsageError(f"{given} is the name of {len(codes)} places; give {', '.join(codes)}")
    return whole_of(codes[0])


def path_of(code: str | None) -> str | None:
    """A place with those above it, which tells namesakes apart; None for a code of no division.

    >>> path_of("320106")
    '江苏省/南京市/鼓楼区'
    """
    names = []
    here = division(code) if code else None
    while here is not None:
        names.append(here.name)
        here = division(here.parent) if here.parent else None
    return "/".join(reversed(names)) or None


def distinct_names(bodies: Iterable[tuple[int, str, str | None]]) -> dict[int, str]:
    """The names of bodies, given as number, name and code of the place, by number: those that
    several of them have with the place above theirs in front.

    >>> distinct_names([(1, "鼓楼区人民政府", "320106"), (2, "鼓楼区人民政府", "320302")])
    {1: '南京市鼓楼区人民政府', 2: '徐州市鼓楼区人民政府'}
    """
    known = {body_id: (name, code) for body_id, name, code in bodies}
    count = Counter(name for name, _ in known.values())
    return {
        body_id: _above(code) + name if count[name] > 1 else name
        for body_id, (name, code) in known.items()
    }


def _above(code: str | None) -> str:
    """The name of the place above a place; "" where there is none."""
    here = division(code) if code else None
    above = division(here.parent) if here and here.parent else None
    return above.name if above else ""
