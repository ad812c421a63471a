"""A place as people name it, as the codes it stands for."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from archive.codebook.divisions import division, divisions, lasting, named, whole_of
from archive.model.coverage import FIRST_YEAR
from archive.model.errors import UsageError
from archive.store import Connection
from archive.store.query.body_rows import shared_names

_NEAR: Final = 5
_LONGEST: Final = 40


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
        like = near_places(given)
        told = f"; did you mean {like}?" if like else "; give its code, such as 320613"
        raise UsageError(f"no division is called {given[:_LONGEST]!r}{told}")
    if len(codes) > 1:
        raise UsageError(f"{given} is the name of {len(codes)} places; give {', '.join(codes)}")
    return whole_of(codes[0])


def near_places(given: str) -> str:
    """Some places, with codes: those that have it in their name, or all of it but its last sign,
    else those that are spelled nearly so; "" where none is.

    >>> near_places("崇川县"), near_places("鼓楼")
    ('崇川区 (320613)', '鼓楼区 (320106), 鼓楼区 (320302), 鼓楼区 (350102), 鼓楼区 (410204)')
    """
    given = given[:_LONGEST]
    names = sorted({each.name for each in divisions()})
    parts = [part for part in (given, given[:-1]) if len(part) > 1]
    near = next((some for part in parts if (some := [each for each in names if part in each])), [])
    near = near or get_close_matches(given, names, n=_NEAR)
    codes = {lasting(each.code): each.name for name in near for each in named(name)}
    return ", ".join(f"{name} ({code})" for code, name in [*codes.items()][:_NEAR])


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


def distinct_names(
    connection: Connection, bodies: Iterable[tuple[int, str, str | None]]
) -> dict[int, str]:
    """The names of bodies, given as number, name and code of the place, by number: those that
    several bodies of the archive have with their place in front.
    """
    known = {body_id: (name, code) for body_id, name, code in bodies}
    shared = shared_names(connection, (name for name, _ in known.values()))
    return {
        body_id: placed(name, code) if name in shared else name
        for body_id, (name, code) in known.items()
    }


def placed(name: str, code: str | None) -> str:
    """The name of a body with its place in front, which the name may begin with.

    >>> placed("鼓楼区人民政府", "320106"), placed("财政局", "320106"), placed("财政局", None)
    ('南京市鼓楼区人民政府', '南京市鼓楼区财政局', '财政局')
    """
    here = division(code) if code else None
    above = division(here.parent) if here and here.parent else None
    own = here.name if here and not name.startswith(here.name) else ""
    return (above.name if above else "") + own + name
