"""Finds the public body that a user means: by its name, by that of its place, or by its number."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from archive.codebook.bodies import body_words
from archive.model.errors import NotFoundError
from archive.store import Connection
from archive.store.query.bodies import BodyRow, bodies_named, body_names, body_of

_NEAR = 3
_LIKE = 50.0


def find_bodies(connection: Connection, given: str) -> list[BodyRow]:
    """The bodies of that name (several places may have one of it), or the one of that number; of a
    place named alone its government. NotFoundError names the nearest.
    """
    given = given.strip()
    if given.isdecimal() and len(given) <= 9:
        numbered = body_of(connection, int(given))
        found = [numbered] if numbered else []
    else:
        found = bodies_named(connection, [given]) or bodies_named(
            connection, [given + body_words().government_name]
        )
    if found:
        return found
    names = ", ".join(_near(given[:100], body_names(connection)))
    hint = f"; nearest: {names}" if names else "; the archive knows none like it"
    raise NotFoundError(f"no public body is called {given[:100]!r}{hint}")


def _near(given: str, names: Sequence[str]) -> list[str]:
    """Names that have what is given in them, the shortest first; else those that are spelled nearly
    so.
    """
    having = sorted((name for name in names if given and given in name), key=len)
    near = process.extract(given, names, scorer=fuzz.ratio, limit=_NEAR, score_cutoff=_LIKE)
    return list(dict.fromkeys([*having[:_NEAR], *(name for name, _, _ in near)]))[:_NEAR]
