"""Translates errors of the database engine into one line with what to do."""

import re
import sqlite3
from collections.abc import Callable
from textwrap import shorten
from typing import Final

from sqlalchemy import ExceptionContext

from archive.model.errors import CannotRunError, DamagedLedgerError, GongkaiError, UsageError
from archive.store.time_limit import too_slow

_ROOM: Final = "make room and run the same command again"
_DAMAGED: Final = ("malformed", "not a database", "unsupported file format", "could not decode")
_MAX_LETTERS: Final = 200
# What a server says at the start of a connection about whom or what it does not know (sent without
# SQLSTATE by psycopg; PostgreSQL 15, classes 28 and 3D).
_REFUSED: Final = re.compile(
    r"FATAL:\s+(.*(?:authentication failed|does not exist|pg_hba\.conf|not permitted|denied).*)"
    r"|(no password supplied)"
)
# SQLite's words (sqlite3.c, sqlite3ErrStr) and what helps.
_SQLITE: Final = {
    "disk is full": f"the disk is full; {_ROOM}",
    "disk i/o error": "its disk is full, or cannot be read or written; look at its room and health",
    "readonly database": "it cannot be written; give access, or choose another --home",
    "unable to open": "it cannot be opened; give access, or choose another --home",
    "is locked": "another program has held it for too long; end that and try again",
}
# Classes of SQLSTATE (PostgreSQL, appendix A).
_POSTGRESQL: Final = {
    "53": f"the server is short of room, memory or connections; {_ROOM}",
    "08": "the connection to the server was lost",
    "57P": "the server ended the connection",
    "58": "the server's disk cannot be read or written",
}


def failure(original: BaseException, place: str) -> GongkaiError | None:
    """The error to raise in place of an engine's own; None for one that is a defect of ours.
    place: where the ledger lies.
    """
    words = shorten(str(original).split("\n", 1)[0], _MAX_LETTERS, placeholder=" …")
    state = str(getattr(original, "sqlstate", None) or "")
    if isinstance(original, sqlite3.Error):
        known = {sign: reason for sign, reason in _SQLITE.items() if sign in words.lower()}
        damaged = any(sign in words.lower() for sign in _DAMAGED)
    else:
        known = {sign: reason for sign, reason in _POSTGRESQL.items() if state.startswith(sign)}
        # libpq's own, or what it hands on before there is a connection
        if not state and type(original).__name__ == "OperationalError":
            if refused := _REFUSED.search(str(original)):
                return UsageError(
                    f"{place}: the server refuses the connection ({refused[1] or refused[2]}); look"
                    " at user, password and name of the database in GONGKAI_DATABASE_URL"
                )
            known = {"": "the server does not answer; look at it, then run the same command again"}
        damaged = state.startswith("XX00")
    # SQLite's word for what a progress handler ended, and PostgreSQL's query_canceled.
    if "interrupted" in words or state == "57014":
        return too_slow()
    if damaged:
        return DamagedLedgerError(
            f"the ledger {place} is damaged ({words}): `gongkai verify` tells what it can; restore"
            " the ledger from a backup"
        )
    if known:
        return CannotRunError(f"the ledger {place}: {next(iter(known.values()))} ({words})")
    return None


def translating(place: str) -> Callable[[ExceptionContext], None]:
    """A listener for SQLAlchemy's `handle_error` that raises what `failure` returns."""

    def translated(context: ExceptionContext) -> None:
        error = failure(context.original_exception, place)
        if error is not None:
            raise error from context.original_exception

    return translated
