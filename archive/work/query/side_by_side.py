"""Bodies side by side over years, and which body a person means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from archive.codebook.divisions import division, named
from archive.model.errors import UsageError
from archive.store import Store
from archive.work.query.bodies import Body, body_numbered, find_bodies
from archive.work.query.places import divisions_within
from archive.work.query.series import Asked, YearOfBody, ask, body_series, narrowed

USUAL: Final = (
    "requests_received", "requests_answered", "requests_granted", "requests_refused", "reviews",
    "litigation", "normative_issued",
)  # fmt: skip
"""The concepts that are compared where none is named."""

MAX_BODIES: Final = 20
_LISTED: Final = 8
_LONGEST: Final = 100
_SEARCHED: Final = 500
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was asked for, for one body: its years, oldest first; () without reports of these."""

    asked: Asked
    body: Body
    years: tuple[YearOfBody, ...]


def side_by_side(
    store: Store,
    names: Sequence[str],
    indicators: Sequence[str] = USUAL,
    *,
    first: int | None = None,
    last: int | None = None,
) -> list[Compared]:
    """Every indicator or concept of every body, by indicator and then body as they were named.

    UsageError: no body is called so, several are, or no indicator is; more than MAX_BODIES.
    """
    if len(names) > MAX_BODIES:
        raise UsageError(f"{len(names)} bodies are too many to compare; name at most {MAX_BODIES}")
    asked = [narrowed(ask(each), first_year=first, last_year=last) for each in indicators]
    bodies = list(dict.fromkeys(body_named(store, each) for each in names))
    with store.read() as connection:
        return [
            Compared(asked=each, body=body, years=body_series(connection, each, body.body_id))
            for each in asked
            for body in bodies
        ]


def body_named(store: Store, name: str) -> Body:
    """The body that a person means: its number, part of its name, or a place (code or name), a
    blank and part of its name. A name in full goes before longer ones that have it. UsageError
    names those that are meant alike, or are spelled nearly so.
    """
    if name.strip().isdecimal() and len(name.strip()) <= _DIGITS:
        return body_numbered(store, int(name))
    place, _, part = name.strip().partition(" ")
    within = divisions_within(place) if part and (place.isdecimal() or named(place)) else None
    wanted = part.strip() if within is not None else name.strip()
    found = find_bodies(store, wanted, limit=_SEARCHED)
    if found.are_near or not found.bodies:
        raise UsageError(f"no body is called {name[:_LONGEST]!r}{_listed(found.bodies, near=True)}")
    bodies = [each for each in found.bodies if within is None or each.division in within]
    if not bodies:
        raise UsageError(
            f"no body called {wanted[:_LONGEST]!r} is in {place}{_listed(found.bodies, near=True)}"
        )
    exact = [each for each in bodies if each.name == wanted]
    best = exact or bodies
    if len(best) > 1:
        raise UsageError(
            f"{name[:_LONGEST]} is the name of {'many' if found.more else len(best)} bodies"
            f"{_listed(best, near=False)}"
        )
    return best[0]


def _listed(bodies: Sequence[Body], *, near: bool) -> str:
    """The end of a message: some bodies, each as it can be given."""
    if not bodies:
        return "; `gongkai export bodies -o bodies.csv` lists all" if near else ""
    told = ", ".join(f"'{_given(each)}'" for each in bodies[:_LISTED])
    more = " …" if len(bodies) > _LISTED else ""
    return f"; did you mean {told}{more}?" if near else f": give one of {told}{more}"


def _given(body: Body) -> str:
    place = division(body.division) if body.division else None
    return f"{place.code} {body.name}" if place else body.name
