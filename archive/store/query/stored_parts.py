"""The finer parts of one stored version, as the model's records again."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, or_, select

from archive.model.reading import (
    CheckState,
    Field,
    Figure,
    Finding,
    Severity,
    Table,
)
from archive.store.rows import VersionParts
from archive.store.schema import body, cell, field, figure, finding, page, version, year_check
from archive.store.types import NamedRow
from archive.store.write.packed import shown_figure
from archive.store.write.parts import HEADER, IDENTITY
from archive.store.write.texts import unpack_tables


def version_parts(connection: Connection, version_id: int) -> VersionParts:
    """Fields, tables, figures and findings of a version, each in its order on the page (doubts
    between it and the year before at the end); all empty when there is no such version.
    DamageError when the stored tables are damaged.
    """
    rows = connection.execute(
        select(field).where(field.c.version_id == version_id).order_by(field.c.position)
    ).all()
    return VersionParts(
        fields=_fields(rows, HEADER),
        identity=_fields(rows, IDENTITY),
        tables=_tables(connection, version_id),
        figures=version_figures(connection, version_id),
        findings=(*_findings(connection, version_id), *_year_findings(connection, version_id)),
    )


def _fields(rows: Iterable[NamedRow], part: str) -> tuple[Field, ...]:
    return tuple(
        Field(name=row.name, value=row.value, printed=row.printed, origin=row.origin)
        for row in rows
        if row.part == part
    )


def _tables(connection: Connection, version_id: int) -> tuple[Table, ...]:
    row = connection.execute(
        select(body.c.codec, body.c.tables)
        .join(version, version.c.body_hash == body.c.hash)
        .where(version.c.id == version_id)
    ).first()
    return unpack_tables(row.codec, row.tables) if row else ()


def version_figures(
    connection: Connection, version_id: int, *, only: Collection[str] | None = None
) -> tuple[Figure, ...]:
    """The figures of a version, in their order on the page; empty when there is no such version.

    only: indicators besides which the first figure alone is given (it shows the form); None: all.
    """
    wanted = (
        select(cell, figure.c.value, figure.c.state, figure.c.printed)
        .join(figure, figure.c.cell_id == cell.c.id)
        .where(figure.c.version_id == version_id)
    )
    if only is not None:
        wanted = wanted.where(or_(figure.c.position == 0, cell.c.indicator.in_(sorted(only))))
    rows = connection.execute(wanted.order_by(figure.c.position))
    return tuple(_figure(row) for row in rows)


def _figure(row: NamedRow) -> Figure:
    state, printed = shown_figure(row.value, row.state, row.printed)
    return Figure(
        form=row.form,
        indicator=row.indicator,
        label=row.label,
        applicant=row.applicant,
        value=row.value,
        unit=row.unit,
        printed=printed,
        state=state,
        where=row.place,
    )


def _findings(connection: Connection, version_id: int) -> tuple[Finding, ...]:
    rows = connection.execute(
        select(finding).where(finding.c.version_id == version_id).order_by(finding.c.id)
    )
    return tuple(
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            message=row.message,
            evidence=row.evidence,
        )
        for row in rows
    )


def _year_findings(connection: Connection, version_id: int) -> tuple[Finding, ...]:
    """Violated rules between two years, spelled as the view `findings` spells them."""
    rows = connection.execute(
        select(year_check, version.c.number, page.c.key)
        .join(version, version.c.id == year_check.c.earlier_id)
        .join(page, page.c.id == version.c.page_id)
        .where(year_check.c.version_id == version_id, year_check.c.state == CheckState.VIOLATED)
        .order_by(year_check.c.position)
    )
    return tuple(
        Finding(
            rule=row.rule,
            severity=Severity.WARNING,
            message=f"{row.scope}: {row.message}",
            evidence=f"report of the year before: {row.key} version {row.number} · {row.evidence}",
        )
        for row in rows
    )
