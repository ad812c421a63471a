"""Versions: a page's next one, or one whose reading a better reader's replaces in place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from archive.model.packed import PackedReading, storable
from archive.model.reading import Kind, PublicBody, Reading
from archive.model.url import key_of
from archive.store.dialects import fresh_ids, insert_rows
from archive.store.frontier.enqueue import pages_by_key
from archive.store.rows import VersionText
from archive.store.schema import body, version
from archive.store.types import Values
from archive.store.write.earlier_readings import keep_earlier
from archive.store.write.ending import Ending
from archive.store.write.optical import OpticalPart, engines_of, write_optical
from archive.store.write.packed import pack_reading
from archive.store.write.parts import drop_parts, write_parts
from archive.store.write.public_bodies import public_body_ids
from archive.store.write.stored_reading import stored_reading

OnVersions = Callable[[Connection, Sequence[VersionText]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A reading that makes a version, or takes the place of what was understood of one.

    version_id: of the version that it is a reading of; None makes the page's next version.
    latest_id: the page's latest version until now; None when it had none. number: of the version.
    capture_id: where it was read; run_id, captured_at: of a new version. before: what is stored of
    the version, where the caller knows it already. optical: what was read from pictures; None where
    nothing was.
    """

    page_id: int
    version_id: int | None
    latest_id: int | None
    number: int
    reading: Reading
    packed: PackedReading
    capture_id: int
    run_id: int
    captured_at: datetime
    before: Reading | None = None
    optical: OpticalPart | None = None

    @property
    def is_latest(self) -> bool:
        """Whether it is from now on what the page shows."""
        return self.version_id is None or self.version_id == self.latest_id


def write_versions(
    connection: Connection,
    endings: Sequence[Ending],
    page_ids: Mapping[str, int],
    on_versions: OnVersions | None,
) -> dict[int, tuple[int, int]]:
    """Stores what the batch's readings change. Returns (version_id, number) of the versions made
    or replaced, by page.
    """
    changed = [_understood(each) for each in endings if each.record.new_version]
    changed += [
        _understood(each)
        for each in endings
        if each.record.supersede_reader
        and not each.record.new_version
        and each.page.version_id is not None
    ]
    if not changed:
        return {}
    at = max(each.record.at for each in endings)
    ids = store_versions(connection, changed, page_ids, at=at, on_versions=on_versions)
    return {each.page_id: (own, each.number) for each, own in zip(changed, ids, strict=True)}


def store_versions(
    connection: Connection,
    changed: Sequence[Understood],
    page_ids: Mapping[str, int],
    *,
    at: datetime,
    on_versions: OnVersions | None,
) -> list[int]:
    """Stores readings with all their parts; the ids of their versions. What another reader had
    understood of a version is kept beside it. Of one page's readings one at most is a new version.

    page_ids: ids of known pages by key, for the links; others are looked up. at: now.
    """
    known = _known_texts(connection, changed) if on_versions else {}
    _store_bodies(connection, (each.packed for each in changed))
    public_bodies = public_body_ids(
        connection, (each.reading.publisher for each in changed if each.reading.publisher)
    )
    fresh = [each for each in changed if each.version_id is None]
    made = iter(_insert(connection, fresh, public_bodies))
    ids = [next(made) if each.version_id is None else each.version_id for each in changed]
    _replace(connection, changed, public_bodies, at)
    page_ids = {**_known_targets(connection, changed, page_ids), **page_ids}
    parts = [
        (own, each.page_id, each.reading, each.packed)
        for own, each in zip(ids, changed, strict=True)
    ]
    write_parts(connection, parts, page_ids)
    write_optical(
        connection,
        {own: each.optical for own, each in zip(ids, changed, strict=True) if each.optical},
    )
    if on_versions:
        texts = [
            replace(_version_text(own, each), replaces=known.get(own))
            for own, each in zip(ids, changed, strict=True)
        ]
        on_versions(connection, texts)
    return ids


def _understood(each: Ending) -> Understood:
    """A version that is replaced keeps its number, its time, and its capture unless one completes
    it.
    """
    record, page = each.record, each.page
    kept = None if record.new_version or record.completes else page.version_capture_id
    reading = each.reading
    return Understood(
        page_id=record.page_id,
        version_id=None if record.new_version else each.latest_id,
        latest_id=page.version_id,
        number=(page.highest or 0) + 1 if record.new_version else page.versions,
        reading=reading,
        packed=record.packed or pack_reading(reading),
        capture_id=kept or each.read_capture_id,
        run_id=record.run_id,
        captured_at=each.seen_at,
    )


def _store_bodies(connection: Connection, bodies: Iterable[PackedReading]) -> None:
    rows = {each.body_hash: (each.body_hash, each.text, each.codec, each.tables) for each in bodies}
    known = set(connection.scalars(select(body.c.hash).where(body.c.hash.in_(rows))))
    fresh = (row for hash_, row in rows.items() if hash_ not in known)
    insert_rows(connection, body, ("hash", "text", "codec", "tables"), fresh)


def _insert(
    connection: Connection,
    fresh: Sequence[Understood],
    public_bodies: Mapping[PublicBody, int],
) -> Sequence[int]:
    if not fresh:
        return ()
    ids = fresh_ids(connection, version, len(fresh))
    rows = [
        {
            "id": own,
            "page_id": each.page_id,
            "number": each.number,
            "run_id": each.run_id,
            "captured_at": each.captured_at,
            "supersedes": each.latest_id,
        }
        | _version_values(each, public_bodies)
        for own, each in zip(ids, fresh, strict=True)
    ]
    insert_rows(connection, version, tuple(rows[0]), (tuple(row.values()) for row in rows))
    return ids


def _replace(
    connection: Connection,
    changed: Sequence[Understood],
    public_bodies: Mapping[PublicBody, int],
    at: datetime,
) -> None:
    """Number and time of a version stay; what was understood of it is replaced."""
    better = {each.version_id: each for each in changed if each.version_id is not None}
    if not better:
        return
    columns = (version.c.id, version.c.reader_version, version.c.body_hash)
    former = connection.execute(select(*columns).where(version.c.id.in_(better))).all()
    engines = engines_of(connection, better)
    for row in former:
        new, engine = better[row.id], engines.get(row.id)
        read_by = new.reading.reader_version, new.optical and new.optical.engine
        if (row.reader_version, engine) != read_by:
            before = new.before or stored_reading(connection, row.id)
            keep_earlier(connection, row.id, before, at, engine=engine)
    drop_parts(connection, list(better))
    rows = [
        {f"new_{name}": value for name, value in _version_values(each, public_bodies).items()}
        | {"for_version": each.version_id}
        for each in better.values()
    ]
    values: Values = {name[4:]: bindparam(name) for name in rows[0] if name.startswith("new_")}
    connection.execute(
        update(version).where(version.c.id == bindparam("for_version")).values(values), rows
    )
    used = exists().where(version.c.body_hash == body.c.hash)
    hashes = {row.body_hash for row in former}
    connection.execute(delete(body).where(body.c.hash.in_(hashes), ~used))


def _version_values(each: Understood, public_bodies: Mapping[PublicBody, int]) -> Values:
    reading = each.reading
    return {
        "content_hash": reading.content_hash,
        "body_hash": each.packed.body_hash,
        "capture_id": each.capture_id,
        "title": reading.title,
        "kind": reading.kind,
        "report_year": reading.report_year,
        "day": _day(reading),
        "public_body_id": public_bodies[reading.publisher] if reading.publisher else None,
        "official": reading.official,
        "reader_version": reading.reader_version,
        "family": reading.family,
        "charset_declared": reading.charset_declared,
        "charset_used": reading.charset_used,
    }


def _day(reading: Reading) -> str:
    """When the page was published, as printed, or else written; "": neither is printed."""
    for name in ("published_on", "written_on"):
        for each in reading.fields:
            if each.name == name and each.value is not None:
                return storable(each.value)[:10]
    return ""


def _known_targets(
    connection: Connection, changed: Sequence[Understood], page_ids: Mapping[str, int]
) -> dict[str, int]:
    """Page ids of links that the batch did not just discover."""
    keys = {
        key_of(link.url, link.method, link.body) for each in changed for link in each.reading.links
    }
    rows = pages_by_key(connection, sorted(keys - set(page_ids)))
    return {key: row.id for key, row in rows.items()}


def _known_texts(connection: Connection, changed: Sequence[Understood]) -> dict[int, VersionText]:
    """The texts of versions that are replaced, as they stand before the batch, by version."""
    version_ids = [each.version_id for each in changed if each.version_id is not None]
    if not version_ids:
        return {}
    rows = connection.execute(
        select(version.c.id, version.c.page_id, version.c.title, version.c.kind, body.c.text)
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.id.in_(version_ids))
    )
    return {
        row.id: VersionText(
            version_id=row.id,
            page_id=row.page_id,
            title=row.title,
            text=row.text,
            hidden=row.kind == Kind.LIST,
        )
        for row in rows
    }


def _version_text(version_id: int, each: Understood) -> VersionText:
    return VersionText(
        version_id=version_id,
        page_id=each.page_id,
        title=each.reading.title,
        text=each.packed.text,
        hidden=each.reading.kind is Kind.LIST,
        terms=each.packed.terms,
    )
