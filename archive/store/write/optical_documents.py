"""What an engine saw on pictures, kept once for the same pictures and the same engine: as JSON
under zstd, not as rows, because it is asked for as a whole and costs seconds a page to make again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, select

from archive.model.errors import DamageError
from archive.model.optical import (
    Box,
    OpticalCell,
    OpticalDocument,
    OpticalLine,
    OpticalPage,
    OpticalTable,
)
from archive.model.reading import Finding, Severity
from archive.store.dialects import insert_into
from archive.store.schema import optical_document

_LEVEL: Final = 9
_MAX_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """What an engine saw, as it is kept (`unpack_document`)."""

    document_id: int
    engine: str
    packed: bytes


def keep_document(
    connection: Connection, pictures: str, document: OpticalDocument, at: datetime
) -> KeptDocument:
    """Keeps what was seen on some pictures. What the same engine saw on them before stays, and is
    what is returned. pictures: their digest. at: now.
    """
    own = (optical_document.c.pictures == pictures, optical_document.c.engine == document.engine)
    statement = insert_into(connection, optical_document).values(
        pictures=pictures, engine=document.engine, made_at=at, packed=pack_document(document)
    )
    connection.execute(statement.on_conflict_do_nothing())
    row = connection.execute(select(optical_document).where(*own)).one()
    return KeptDocument(document_id=row.id, engine=row.engine, packed=bytes(row.packed))


def pack_document(document: OpticalDocument) -> bytes:
    """A document as it is kept."""
    plain = json.dumps(asdict(document), ensure_ascii=False, separators=(",", ":"))
    return zstandard.compress(plain.encode("utf-8", "replace"), _LEVEL)


def unpack_document(packed: bytes) -> OpticalDocument:
    """A document as `pack_document` packed it. DamageError when it is none."""
    try:
        told = json.loads(zstandard.decompress(packed, max_output_size=_MAX_BYTES))
        return OpticalDocument(
            engine=told["engine"],
            pages=tuple(map(_page, told["pages"])),
            findings=tuple(
                Finding(**each | {"severity": Severity(each["severity"])})
                for each in told["findings"]
            ),
        )
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:
        raise DamageError(f"what was kept of pictures is damaged: {error}") from error


def _page(told: Mapping[str, Any]) -> OpticalPage:
    return OpticalPage(**{**told, "blocks": tuple(map(_block, told["blocks"]))})


def _block(told: Mapping[str, Any]) -> OpticalLine | OpticalTable:
    if "cells" not in told:
        return OpticalLine(**{**told, "box": Box(**told["box"])})
    cells = (OpticalCell(**{**each, "box": Box(**each["box"])}) for each in told["cells"])
    return OpticalTable(**{**told, "cells": tuple(cells)})
