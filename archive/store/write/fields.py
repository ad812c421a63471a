"""Fields as narrow rows, their names and origins stored once; the marks of a site once for all of
its pages.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from archive.model.reading import Field
from archive.store.dialects import insert_columns, insert_rows
from archive.store.schema import field, field_word, site_marks, version_marks
from archive.store.types import Query, Values
from archive.store.write.packed import FIELD_COLUMNS, unpack_marks
from archive.store.write.shared_rows import digest_of, shared_ids

_name, _origin = field_word.alias("field_name"), field_word.alias("field_origin")


def write_fields(connection: Connection, packed: Mapping[int, str]) -> None:
    """Stores the fields of some versions, each as in PackedReading."""
    columns: dict[int, list[list[Any]]] = {
        version_id: json.loads(each) for version_id, each in packed.items() if each != "[]"
    }
    words = {word for names, origins, *_ in columns.values() for word in (*names, *origins)}
    ids = _ids(connection, words)
    rows = {
        version_id: ([ids[word] for word in names], [ids[word] for word in origins], *others)
        for version_id, (names, origins, *others) in columns.items()
    }
    insert_columns(connection, field, ("name_id", "origin_id", *FIELD_COLUMNS), rows)


def write_marks(connection: Connection, packed: Mapping[int, str]) -> None:
    """Stores the marks of the sites of some versions, each as in PackedReading."""
    digests = {version_id: digest_of(each) for version_id, each in packed.items() if each}
    wanted: dict[bytes, Values] = {
        digests[version_id]: {"marks": packed[version_id]} for version_id in digests
    }
    ids, _ = shared_ids(connection, site_marks, wanted)
    rows = ((version_id, ids[digest]) for version_id, digest in digests.items())
    insert_rows(connection, version_marks, ("version_id", "marks_id"), rows)


def fields_of(
    connection: Connection, version_ids: Collection[int], *, chosen: bool = False
) -> dict[int, tuple[Field, ...]]:
    """The fields of some versions in their order on the page; versions that have none miss.
    chosen: those alone that count for their names.
    """
    query = _fields().where(field.c.version_id.in_(version_ids))
    if chosen:
        query = query.where(field.c.chosen)
    found: dict[int, list[Field]] = {}
    for row in connection.execute(query.order_by(field.c.version_id, field.c.position)):
        printed = row.value if row.printed is None else row.printed
        found.setdefault(row.version_id, []).append(
            Field(name=row.name, value=row.value, printed=printed or "", origin=row.origin)
        )
    return {version_id: tuple(fields) for version_id, fields in found.items()}


def marks_of(connection: Connection, version_id: int) -> tuple[Field, ...]:
    """The marks of the site that a version shows. DamageError when they are damaged."""
    query = select(site_marks.c.marks).join(version_marks)
    marks = connection.scalar(query.where(version_marks.c.version_id == version_id))
    return unpack_marks(marks) if marks else ()


def _fields() -> Query:
    names = _name.c.word.label("name"), _origin.c.word.label("origin")
    return (
        select(field.c.version_id, *names, field.c.value, field.c.printed)
        .join(_name, _name.c.id == field.c.name_id)
        .join(_origin, _origin.c.id == field.c.origin_id)
    )


def _ids(connection: Connection, words: Iterable[str]) -> dict[str, int]:
    digests = {word: digest_of(word) for word in words}
    wanted: dict[bytes, Values] = {digest: {"word": word} for word, digest in digests.items()}
    ids, _ = shared_ids(connection, field_word, wanted)
    return {word: ids[digest] for word, digest in digests.items()}
