"""What earlier readers understood of a version: kept whole before a better reading takes its place,
so that a figure that was cited once can be shown as it was cited.

A reading is kept as the model's records, in JSON under zstd, and not as rows: it stays what it was
when tables change, and when an archive moves and its rows get other numbers.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import zstandard
from sqlalchemy import Connection

from archive.model.errors import DamageError
from archive.model.outcome import Role
from archive.model.packed import PackedReading, storable
from archive.model.reading import (
    BodyKind,
    Cell,
    CellState,
    Check,
    CheckState,
    Field,
    Figure,
    Finding,
    Kind,
    Link,
    Period,
    PublicBody,
    Reading,
    Severity,
    Statement,
    Table,
)
from archive.store.dialects import insert_into
from archive.store.schema import earlier_reading
from archive.store.write.packed import unpack_checks, unpack_figures, unpack_statements
from archive.store.write.stored_reading import year_findings
from archive.store.write.texts import unpack_tables

_Record = TypeVar("_Record", Reading, Field, Finding, Link, PublicBody)
_LEVEL: Final = 9
_MAX_BYTES: Final = 512 * 1024 * 1024


def keep_earlier(
    connection: Connection,
    version_id: int,
    reading: Reading,
    at: datetime,
    *,
    engine: str | None = None,
) -> None:
    """Keeps the reading of a version, as it is stored now, with the doubts between the years and
    the reader that made it. One of the same reader that was kept before stays. engine: what read
    its pictures; None where nothing did.
    """
    doubts = (*reading.findings, *year_findings(connection, version_id))
    statement = insert_into(connection, earlier_reading).values(
        version_id=version_id,
        reader_version=reader_name(reading.reader_version, engine),
        reread_at=at,
        content_hash=reading.content_hash,
        packed=pack_whole(replace(reading, findings=doubts)),
    )
    connection.execute(statement.on_conflict_do_nothing())


def reader_name(reader_version: str, engine: str | None) -> str:
    """How a kept reading is asked for: by its reader, and by what read the pictures.

    >>> reader_name("4", None), reader_name("4", "rapidocr 3.10.0")
    ('4', '4 with rapidocr 3.10.0')
    """
    return f"{reader_version} with {engine}" if engine else reader_version


def pack_whole(reading: Reading) -> bytes:
    """A reading with all its parts, in JSON under zstd."""
    plain = json.dumps(reading, default=_plain, separators=(",", ":"))
    return zstandard.compress(plain.encode(), _LEVEL)


def unpack_whole(packed: bytes) -> Reading:
    """A reading as `pack_whole` packed it. DamageError when it is none."""
    try:
        plain = zstandard.decompress(packed, max_output_size=_MAX_BYTES)
        return _reading(json.loads(plain))
    except (zstandard.ZstdError, ArithmeticError, ValueError, KeyError, TypeError) as error:
        raise DamageError(f"a kept reading is damaged: {error}") from error


def as_stored(reading: Reading, packed: PackedReading) -> Reading:
    """What `stored_reading` will give of a reading and its bulk, once they are stored: without what
    no engine holds, and without what led to the version alone.
    """
    text = storable(packed.text)
    return replace(
        _storable(reading),
        lines=tuple(text.split("\n")) if text else (),
        tables=unpack_tables(packed.codec, packed.tables),
        figures=tuple(_figure(*each) for each in unpack_figures(packed)),
        statements=unpack_statements(packed),
        checks=unpack_checks(packed),
        fields=tuple(map(_storable, reading.fields)),
        identity=tuple(map(_storable, reading.identity)),
        findings=tuple(map(_storable, reading.findings)),
        links=tuple(map(_storable, reading.links)),
        publisher=_storable(reading.publisher) if reading.publisher else None,
        soft_404=None,
        blocked=None,
        needs_browser=None,
        forward=None,
    )


def _figure(*columns: Any) -> Figure:
    form, indicator, label, applicant, unit, where, value, state, printed = columns
    return Figure(
        form=form, indicator=indicator, label=label, applicant=applicant, unit=unit, where=where,
        value=_number(value), state=state, printed=printed,
    )  # fmt: skip


def _plain(value: Any) -> object:
    """What JSON does not know: a number without loss, and a record by its fields (asdict copies
    all that is below, which takes thirty times as long).
    """
    if isinstance(value, Decimal):
        return format(value, "f")
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _storable(record: _Record) -> _Record:
    """A record with the texts that both engines hold."""
    texts: dict[str, Any] = {
        name: storable(value)
        for name in record.__dataclass_fields__
        if isinstance(value := getattr(record, name), str) and storable(value) != value
    }
    return replace(record, **texts) if texts else record


def _reading(told: Mapping[str, Any]) -> Reading:
    """Of names that this code does not know any more, nothing is made."""
    known = {name: told[name] for name in Reading.__dataclass_fields__ if name in told}
    body = told["publisher"]
    return Reading(
        **known
        | {
            "kind": Kind(told["kind"]),
            "lines": tuple(told["lines"]),
            "fields": tuple(Field(**each) for each in told["fields"]),
            "identity": tuple(Field(**each) for each in told["identity"]),
            "tables": tuple(_table(each) for each in told["tables"]),
            "figures": tuple(
                Figure(
                    **each | {"value": _number(each["value"]), "state": CellState(each["state"])}
                )
                for each in told["figures"]
            ),
            # Readers before version 4 threw them away.
            "statements": tuple(_statement(each) for each in told.get("statements", ())),
            "checks": tuple(_check(each) for each in told["checks"]),
            "findings": tuple(
                Finding(**each | {"severity": Severity(each["severity"])})
                for each in told["findings"]
            ),
            "links": tuple(Link(**each | {"role": Role(each["role"])}) for each in told["links"]),
            "publisher": PublicBody(**body | {"kind": BodyKind(body["kind"])}) if body else None,
        }
    )


def _table(told: Mapping[str, Any]) -> Table:
    return Table(**{**told, "cells": tuple(Cell(**each) for each in told["cells"])})


def _check(told: Mapping[str, Any]) -> Check:
    return Check(**{**told, "state": CheckState(told["state"])})


def _statement(told: Mapping[str, Any]) -> Statement:
    return Statement(
        **{
            **told,
            "value": Decimal(told["value"]),
            "state": CellState(told["state"]),
            "period": Period(told["period"]),
        }
    )


def _number(value: str | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)
