"""Whether the search index fits the ledger: the engine's own check, the versions it holds, and
(deep) that every version is found by each of its terms.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from archive.model.errors import CannotRunError, DamagedLedgerError, GongkaiError
from archive.search.grams import grams_of
from archive.search.index import candidates, is_current, rebuild, searchable
from archive.store import Store

# Terms in one query.
_AT_ONCE: Final = 100
_HELD: Final = {
    "sqlite": "SELECT id FROM search_gram_docsize",
    "postgresql": "SELECT version_id FROM search_gram",
}


def index_faults(store: Store, *, deep: bool = False) -> Iterator[str]:
    """What is wrong with the search index, a line each. Nothing where there is none, or one of
    another rule: the next opening builds it.

    deep: also looks every version up by all of its terms.
    """
    try:
        with store.read() as connection:
            if not is_current(connection):
                return
            faults = [*_engine_faults(store, connection.dialect.name), *_others(connection)]
            if deep and not faults:
                faults += _lost(connection)
        yield from faults
    except (DBAPIError, DamagedLedgerError) as error:
        yield f"it cannot be read ({_words(error)})"


def rebuild_index(store: Store) -> int:
    """Makes the index anew from the stored texts; how many versions it holds. CannotRunError: the
    ledger cannot be written.
    """
    with store.write() as connection:
        return rebuild(connection)


def _engine_faults(store: Store, dialect: str) -> Iterator[str]:
    """FTS5's own check, which is spelled as an insert: it is left out where nothing can be
    written.
    """
    if dialect != "sqlite":
        return
    check = "INSERT INTO search_gram (search_gram, rank) VALUES ('integrity-check', 0)"
    try:
        with store.write() as connection:
            connection.execute(text(check))
    except DamagedLedgerError as error:
        yield f"the engine's own check fails ({_words(error)})"
    except CannotRunError:
        return


def _others(connection: Connection) -> Iterator[str]:
    """Every version that is not hidden, and no other, is held."""
    held = set(connection.scalars(text(_HELD[connection.dialect.name])))
    wanted = {version_id for version_id, _, _ in searchable(connection)}
    if missing := len(wanted - held):
        yield f"{missing} of {len(wanted)} versions are not in it"
    if foreign := len(held - wanted):
        yield f"{foreign} of the {len(held)} versions in it are none that search finds"


def _lost(connection: Connection) -> Iterator[str]:
    lost = 0
    for version_id, title, content in searchable(connection):
        terms = grams_of(title, content)
        portions = (terms[at : at + _AT_ONCE] for at in range(0, len(terms), _AT_ONCE))
        lost += not all(_finds(connection, version_id, each) for each in portions)
    if lost:
        yield f"{lost} versions are not found by all of their terms"


def _finds(connection: Connection, version_id: int, terms: list[str]) -> bool:
    found = candidates(connection.dialect.name, terms)
    key = "rowid" if connection.dialect.name == "sqlite" else "version_id"
    query = found.where(text(f"search_gram.{key} = :wanted_id").bindparams(wanted_id=version_id))
    return connection.execute(query).first() is not None


def _words(error: DBAPIError | GongkaiError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error.__cause__
    return str(cause or error).split("\n", 1)[0][:120]
