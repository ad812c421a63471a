"""What earlier readers had understood: one version's reading, and all figures as they were."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select, union

from archive.model.reading import Figure, PublicBody, Reading
from archive.store.schema import earlier_reading, page, portal, public_body, version
from archive.store.types import NamedRow
from archive.store.write.earlier_readings import unpack_whole
from archive.store.write.packed import chosen_fields

_BATCH = 100
# Of an earlier reading nothing is kept about the pictures that it was read from.
_OF_PICTURES = (
    "origin", "confirmation", "confidence", "engine", "box_page", "box_x", "box_y", "box_width",
    "box_height",
)  # fmt: skip


def earlier_readers(connection: Connection, version_id: int) -> list[str]:
    """The readers whose reading of a version is kept beside today's, the first to go first."""
    rows = connection.scalars(
        select(earlier_reading.c.reader_version)
        .where(earlier_reading.c.version_id == version_id)
        .order_by(earlier_reading.c.reread_at, earlier_reading.c.reader_version)
    )
    return list(rows)


def earlier_reading_of(
    connection: Connection, version_id: int, reader_version: str
) -> Reading | None:
    """What that reader had understood of a version; None when nothing of it is kept. DamageError
    when it is damaged.
    """
    packed = connection.scalar(
        select(earlier_reading.c.packed).where(
            earlier_reading.c.version_id == version_id,
            earlier_reading.c.reader_version == reader_version,
        )
    )
    return None if packed is None else unpack_whole(packed)


def known_readers(connection: Connection) -> list[str]:
    """The readers whose readings are in the ledger, today's and those that are kept."""
    both = union(select(version.c.reader_version), select(earlier_reading.c.reader_version))
    return sorted(connection.scalars(both))


def earlier_figures(connection: Connection, reader_version: str) -> Iterator[Mapping[str, object]]:
    """The figures of versions that another reader has read since, as that reader had understood
    them: columns of the view `figures`, by name. DamageError when a reading is damaged.
    """
    bodies = {(row.name, row.division): row.id for row in connection.execute(select(public_body))}
    rows = connection.execute(
        select(earlier_reading.c.packed, version.c.number, page.c.key, page.c.versions,
               page.c.portal_key, portal.c.name)
        .join(version, version.c.id == earlier_reading.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .where(earlier_reading.c.reader_version == reader_version)
        .where(version.c.reader_version != reader_version)
        .order_by(version.c.id)
        .execution_options(yield_per=_BATCH)
    )  # fmt: skip
    for row in rows:
        reading = unpack_whole(row.packed)
        of_version = _of_version(row, reading, bodies)
        yield from ({**of_version, **_of_figure(each)} for each in reading.figures)


def _of_version(
    row: NamedRow, reading: Reading, bodies: Mapping[tuple[str, str], int]
) -> dict[str, object]:
    agency = chosen_fields(reading.fields).get("agency")
    body: PublicBody | None = reading.publisher
    return {
        "url": row.key,
        "version": row.number,
        "report_year": reading.report_year,
        "body": body.name if body else (agency and agency.value) or row.name,
        "current": row.number == row.versions,
        "division": body.division if body else None,
        "body_id": bodies.get((body.name, body.division or "")) if body else None,
        "reader_version": reading.reader_version,
        "portal": row.portal_key,
    }


def _of_figure(figure: Figure) -> dict[str, object]:
    return {
        "form": figure.form,
        "indicator": figure.indicator,
        "applicant": figure.applicant,
        "value": figure.value,
        "unit": figure.unit,
        "printed": figure.printed,
        "state": figure.state.value,
        "label": figure.label,
        "place": figure.where,
        **dict.fromkeys(_OF_PICTURES),
    }
