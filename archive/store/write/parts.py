"""The finer parts of a version, as rows: fields, figures, statements, checks, findings, links."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete

from archive.model.packed import PackedReading
from archive.model.reading import Finding, Link, Reading
from archive.model.url import key_of
from archive.store.dialects import insert_rows
from archive.store.schema import (
    check_result,
    counted_statement,
    current_report,
    field,
    finding,
    held_checks,
    link,
    optical_figure,
    optical_picture,
    optical_reading,
    repeated_figure,
    statement,
    version_marks,
    year_check,
    year_pair,
)
from archive.store.write.changes import drop_comparisons_of
from archive.store.write.ending import Ending
from archive.store.write.fields import write_fields, write_marks
from archive.store.write.figures import drop_figures, write_figures
from archive.store.write.packed import CHECK_COLUMNS, pack_fields, pack_marks
from archive.store.write.similarity import drop_words
from archive.store.write.statements import write_statements

_LINK_COLUMNS = (
    "version_id", "position", "from_page_id", "to_page_id", "url", "role", "text", "printed_date",
)  # fmt: skip
_FINDING_COLUMNS = (
    "page_id", "version_id", "capture_id", "rule", "severity", "message", "evidence",
)  # fmt: skip
Row = tuple[object, ...]


def write_parts(
    connection: Connection,
    written: Sequence[tuple[int, int, Reading, PackedReading]],
    page_ids: Mapping[str, int],
) -> None:
    """Stores the parts of (version_id, page_id, reading, packed), all versions at once.

    page_ids: ids of known pages by key, for the links.
    """
    packed = {version_id: packed for version_id, _, _, packed in written}
    write_fields(connection, {version_id: each.fields for version_id, each in packed.items()})
    write_marks(connection, {version_id: each.marks for version_id, each in packed.items()})
    write_figures(connection, packed)
    write_statements(connection, packed)
    _write_checks(connection, packed)
    links = (
        row
        for version_id, page_id, reading, _ in written
        for row in _links(version_id, page_id, reading.links, page_ids)
    )
    insert_rows(connection, link, _LINK_COLUMNS, links)
    doubts = (
        _finding(page_id, version_id, None, each)
        for version_id, page_id, reading, _ in written
        for each in reading.findings
    )
    insert_rows(connection, finding, _FINDING_COLUMNS, doubts)


def _write_checks(connection: Connection, written: Mapping[int, PackedReading]) -> None:
    rows = (
        (version_id, *row)
        for version_id, packed in written.items()
        if packed.checks != "[]"
        for row in json.loads(packed.checks)
    )
    insert_rows(connection, check_result, ("version_id", "position", *CHECK_COLUMNS), rows)
    held = ((version_id, each.held) for version_id, each in written.items() if each.held)
    insert_rows(connection, held_checks, ("version_id", "packed"), held)


def write_findings(
    connection: Connection, page_id: int, capture_id: int, doubts: Iterable[Finding]
) -> None:
    """Stores doubts about one capture that made no version."""
    rows = (_finding(page_id, None, capture_id, each) for each in doubts)
    insert_rows(connection, finding, _FINDING_COLUMNS, rows)


def write_unversioned_findings(connection: Connection, endings: Iterable[Ending]) -> None:
    """Stores doubts about captures that made no version, such as a block page."""
    rows = (
        _finding(each.record.page_id, None, each.record.capture_id, doubt)
        for each in endings
        if each.record.reading is not None and not each.good and not each.record.new_version
        for doubt in each.record.reading.findings
    )
    insert_rows(connection, finding, _FINDING_COLUMNS, rows)


def _finding(page_id: int, version_id: int | None, capture_id: int | None, each: Finding) -> Row:
    told = (each.rule, each.severity, each.message, each.evidence)
    return (page_id, version_id, capture_id, *told)


def drop_parts(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes the parts of some versions away, because a better reader replaces them."""
    drop_figures(connection, version_ids)
    of_one = (field, version_marks, statement, check_result, held_checks, link, finding)
    optical = (optical_figure, optical_picture, optical_reading)
    chosen = (repeated_figure, counted_statement, current_report)
    for table in (*of_one, *optical, year_check, year_pair, *chosen):
        connection.execute(delete(table).where(table.c.version_id.in_(version_ids)))
    drop_comparisons_of(connection, version_ids)
    drop_words(connection, version_ids)
    for table in (year_check, year_pair):
        connection.execute(delete(table).where(table.c.earlier_id.in_(version_ids)))


def replace_fields(connection: Connection, changed: Mapping[int, Reading]) -> None:
    """Gives versions the fields of a later reading whose content was the same."""
    for table in (field, version_marks):
        connection.execute(delete(table).where(table.c.version_id.in_(changed)))
    write_fields(connection, {key: pack_fields(each.fields) for key, each in changed.items()})
    write_marks(connection, {key: pack_marks(each.identity) for key, each in changed.items()})


def _links(
    version_id: int, page_id: int, links: Iterable[Link], page_ids: Mapping[str, int]
) -> Iterable[Row]:
    for position, each in enumerate(links):
        target = page_ids.get(key_of(each.url, each.method, each.body))
        named = (each.url, each.role, each.text, each.printed_date)
        yield (version_id, position, page_id, target, *named)
