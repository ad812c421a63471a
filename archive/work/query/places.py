"""A place as people name it, as the codes it stands for."""

from collections.abc import Iterable

from archive.codebook.divisions import division, lasting, named, whole_of
from archive.model.coverage import FIRST_YEAR
from archive.model.errors import UsageError
from archive.store import Connection
from archive.store.query.body_rows import shared_names


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
