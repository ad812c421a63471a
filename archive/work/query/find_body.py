"""Finds the body that a user means: by its number, its name or part of it, or with its place."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from archive.codebook.bodies import body_words
from archive.codebook.divisions import division, named
from archive.model.errors import NotFoundError, UsageError
from archive.store import Store
from archive.work.query.bodies import Body, FoundBodies, body_numbered, find_bodies
from archive.work.query.places import divisions_within

_LISTED: Final = 8
_LONGEST: Final = 100
_SEARCHED: Final = 500
_DIGITS: Final = 9


def bodies_meant(store: Store, given: str) -> FoundBodies:
    """The bodies that a person may mean: by number, by part of a name, or by a place (code or
    name), a blank and part of a name. A name in full goes before longer ones that have it, and so
    does the government of a place named alone. Where none has it: those that come near. UsageError:
    several places have that name; NotFoundError: no body has that number.
    """
    given = given.strip()
    if given.isdecimal() and len(given) <= _DIGITS:
        return FoundBodies(bodies=(body_numbered(store, int(given)),), are_near=False, more=False)
    place, _, part = given.partition(" ")
    within = divisions_within(place) if part and (place.isdecimal() or named(place)) else None
    wanted = part.strip() if within is not None else given
    found = find_bodies(store, wanted, limit=_SEARCHED)
    if found.are_near:
        return found
    bodies = tuple(each for each in found.bodies if within is None or each.division in within)
    if found.bodies and not bodies:
        return replace(found, are_near=True)
    for name in (wanted, wanted + body_words().government_name):
        if exact := tuple(each for each in bodies if each.name == name):
            return replace(found, bodies=exact)
    return replace(found, bodies=bodies)


def body_named(store: Store, given: str) -> Body:
    """The one body that a person means, as `bodies_meant` finds it. NotFoundError names those that
    come near; UsageError those that are meant alike, each as it can be given.
    """
    found = bodies_meant(store, given)
    told = given.strip()[:_LONGEST]
    if found.are_near or not found.bodies:
        raise NotFoundError(f"no public body is called {told!r}; {_near(found.bodies)}")
    if len(found.bodies) > 1:
        count = "many" if found.more else len(found.bodies)
        raise UsageError(
            f"{told} is the name of {count} public bodies; give one of {_listed(found.bodies)}"
        )
    return found.bodies[0]


def _near(bodies: Sequence[Body]) -> str:
    if not bodies:
        return "`gongkai export bodies -o bodies.csv` lists all"
    return f"did you mean {_listed(bodies)}?"


def _listed(bodies: Sequence[Body]) -> str:
    """Some bodies, each as it can be given: with its place; by its number where nobody knows that
    and others have the name.
    """
    count = Counter(each.name for each in bodies)
    told = ", ".join(
        f"'{_given(each, is_alone=count[each.name] == 1)}'" for each in bodies[:_LISTED]
    )
    return f"{told} …" if len(bodies) > _LISTED else told


def _given(body: Body, *, is_alone: bool) -> str:
    place = division(body.division) if body.division else None
    if place is None:
        return body.name if is_alone else str(body.body_id)
    return f"{place.code} {body.name}"
