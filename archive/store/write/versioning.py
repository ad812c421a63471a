"""Versions: a page's next one, or one that a better reader replaces in place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from archive.model.packed import PackedReading
from archive.model.reading import Kind, PublicBody, Reading
from archive.model.url import key_of
from archive.store.dialects import insert_into
from archive.store.frontier.enqueue import pages_by_key
from archive.store.rows import VersionText
from archive.store.schema import body, version
from archive.store.types import Values
from archive.store.write.ending import Ending
from archive.store.write.packed import pack_reading
from archive.store.write.parts import drop_parts, write_parts
from archive.store.write.public_bodies import public_body_ids

OnVersion = Callable[[Connection, VersionText], None]


def write_versions(
    connection: Connection,
    endings: Sequence[Ending],
    page_ids: Mapping[str, int],
    on_version: OnVersion | None,
) -> dict[int, tuple[int, int]]:
    """Stores what the batch's readings change. Returns (version_id, number) of the versions made
    or replaced, by page.
    """
    fresh = [each for each in endings if each.record.new_version]
    read_again = [each for each in endings if each.record.supersede_reader]
    better = [
        each
        for each in read_again
        if not each.record.new_version and each.page.version_id is not None
    ]
    changed = [*fresh, *better]
    if not changed:
        return {}
    readings = {each.record.page_id: each.reading for each in changed}
    packed = {
        each.record.page_id: each.record.packed or pack_reading(each.reading) for each in changed
    }
    replaced = _texts(connection, changed) if on_version else {}
    _store_bodies(connection, packed.values())
    public_bodies = public_body_ids(
        connection, (each.publisher for each in readings.values() if each.publisher)
    )
    numbers = _insert(connection, fresh, packed, public_bodies)
    numbers |= _replace(connection, better, packed, public_bodies)
    page_ids = {**_known_targets(connection, readings.values(), page_ids), **page_ids}
    write_parts(
        connection,
        [
            (numbers[page_id][0], page_id, each, packed[page_id])
            for page_id, each in readings.items()
        ],
        page_ids,
    )
    if on_version:
        for page_id, reading in readings.items():
            text = _version_text(numbers[page_id][0], page_id, reading, packed[page_id])
            on_version(connection, replace(text, replaces=replaced.get(page_id)))
    return numbers


def _store_bodies(connection: Connection, bodies: Iterable[PackedReading]) -> None:
    rows = {
        each.body_hash: {
            "hash": each.body_hash,
            "text": each.text,
            "codec": each.codec,
            "tables": each.tables,
        }
        for each in bodies
    }
    statement = insert_into(connection, body)
    connection.execute(
        statement.on_conflict_do_nothing(index_elements=[body.c.hash]), list(rows.values())
    )


def _insert(
    connection: Connection,
    fresh: Sequence[Ending],
    packed: Mapping[int, PackedReading],
    public_bodies: Mapping[PublicBody, int],
) -> dict[int, tuple[int, int]]:
    if not fresh:
        return {}
    rows = [
        _version_values(each, packed, public_bodies)
        | {
            "page_id": each.record.page_id,
            "number": each.page.versions + 1,
            "capture_id": each.record.capture_id,
            "run_id": each.record.run_id,
            "captured_at": each.seen_at,
            "supersedes": each.page.version_id,
        }
        for each in fresh
    ]
    statement = insert(version).returning(version.c.id, sort_by_parameter_order=True)
    version_ids = connection.scalars(statement, rows)
    return {
        each.record.page_id: (version_id, each.page.versions + 1)
        for each, version_id in zip(fresh, version_ids, strict=True)
    }


def _replace(
    connection: Connection,
    better: Sequence[Ending],
    packed: Mapping[int, PackedReading],
    public_bodies: Mapping[PublicBody, int],
) -> dict[int, tuple[int, int]]:
    """The number and time of a version stay, and its capture unless one completes it; what was
    understood of it is replaced.
    """
    if not better:
        return {}
    drop_parts(connection, [each.latest_id for each in better])
    rows = [
        {
            f"new_{name}": value
            for name, value in _version_values(each, packed, public_bodies).items()
        }
        | {"for_version": each.latest_id, "new_capture_id": _capture_of(each)}
        for each in better
    ]
    columns: Values = {name[4:]: bindparam(name) for name in rows[0] if name.startswith("new_")}
    connection.execute(
        update(version).where(version.c.id == bindparam("for_version")).values(columns), rows
    )
    former = {each.page.body_hash for each in better}
    used = exists().where(version.c.body_hash == body.c.hash)
    connection.execute(delete(body).where(body.c.hash.in_(former), ~used))
    return {each.record.page_id: (each.latest_id, each.page.versions) for each in better}


def _capture_of(each: Ending) -> int | None:
    """Where a version that is replaced in place was read."""
    kept = each.page.version_capture_id
    return each.record.capture_id or kept if each.record.completes else kept


def _version_values(
    each: Ending, packed: Mapping[int, PackedReading], public_bodies: Mapping[PublicBody, int]
) -> Values:
    reading = each.reading
    return {
        "content_hash": reading.content_hash,
        "body_hash": packed[each.record.page_id].body_hash,
        "title": reading.title,
        "kind": reading.kind,
        "report_year": reading.report_year,
        "public_body_id": public_bodies[reading.publisher] if reading.publisher else None,
        "official": reading.official,
        "reader_version": reading.reader_version,
        "family": reading.family,
        "charset_declared": reading.charset_declared,
        "charset_used": reading.charset_used,
    }


def _known_targets(
    connection: Connection, readings: Iterable[Reading], page_ids: Mapping[str, int]
) -> dict[str, int]:
    """Page ids of links that the batch did not just discover."""
    keys = {
        key_of(link.url, link.method, link.body) for reading in readings for link in reading.links
    }
    rows = pages_by_key(connection, sorted(keys - set(page_ids)))
    return {key: row.id for key, row in rows.items()}


def _texts(connection: Connection, changed: Sequence[Ending]) -> dict[int, VersionText]:
    """The latest versions' texts as they stand before the batch, by page."""
    version_ids = [each.page.version_id for each in changed if each.page.version_id is not None]
    rows = connection.execute(
        select(version.c.id, version.c.page_id, version.c.title, version.c.kind, body.c.text)
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.id.in_(version_ids))
    )
    return {
        row.page_id: VersionText(
            version_id=row.id,
            page_id=row.page_id,
            title=row.title,
            text=row.text,
            hidden=row.kind == Kind.LIST,
        )
        for row in rows
    }


def _version_text(
    version_id: int, page_id: int, reading: Reading, packed: PackedReading
) -> VersionText:
    return VersionText(
        version_id=version_id,
        page_id=page_id,
        title=reading.title,
        text=packed.text,
        hidden=reading.kind is Kind.LIST,
        terms=packed.terms,
    )
