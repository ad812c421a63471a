"""What was understood of a version, as it is stored: the model's records again."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from archive.model.outcome import Role
from archive.model.reading import (
    BodyKind,
    Check,
    CheckState,
    Field,
    Figure,
    Finding,
    Kind,
    Link,
    PublicBody,
    Reading,
    Severity,
    Statement,
)
from archive.store.dialects import figures_by_version
from archive.store.schema import (
    body,
    cell,
    check_result,
    figure,
    finding,
    held_checks,
    layout_cell,
    link,
    page,
    public_body,
    statement,
    statement_kind,
    version,
    version_layout,
    year_check,
)
from archive.store.types import NamedRow
from archive.store.write.fields import fields_of, marks_of
from archive.store.write.packed import (
    KIND_COLUMNS,
    STATEMENT_COLUMNS,
    in_order,
    shown_figure,
    stated,
    unpack_held,
)
from archive.store.write.texts import unpack_tables


def stored_reading(connection: Connection, version_id: int) -> Reading:
    """A version's reading with all its parts, each in its order on the page. What led to the
    version alone (a soft 404, a challenge, a missing browser) is not stored. DamageError when the
    stored tables are damaged; NoResultFound when there is no such version.
    """
    row = connection.execute(
        select(version, body.c.text, body.c.codec, body.c.tables, public_body.c.name,
               public_body.c.division, public_body.c.kind.label("body_kind"))
        .join(body, body.c.hash == version.c.body_hash)
        .outerjoin(public_body, public_body.c.id == version.c.public_body_id)
        .where(version.c.id == version_id)
    ).one()  # fmt: skip
    fields, identity = version_fields(connection, version_id)
    return Reading(
        reader_version=row.reader_version,
        kind=Kind(row.kind),
        family=row.family,
        charset_declared=row.charset_declared,
        charset_used=row.charset_used,
        title=row.title,
        lines=tuple(row.text.split("\n")) if row.text else (),
        content_hash=row.content_hash,
        report_year=row.report_year,
        official=row.official,
        fields=fields,
        identity=identity,
        tables=unpack_tables(row.codec, row.tables),
        figures=version_figures(connection, version_id),
        statements=version_statements(connection, version_id, row.text),
        checks=_checks(connection, version_id),
        findings=version_findings(connection, version_id),
        links=_links(connection, version_id),
        publisher=_publisher(row),
    )


def version_fields(
    connection: Connection, version_id: int
) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """A version's labelled values, and the marks of its site."""
    fields = fields_of(connection, [version_id]).get(version_id, ())
    return fields, marks_of(connection, version_id)


def version_figures(connection: Connection, version_id: int) -> tuple[Figure, ...]:
    """The figures of a version, in their order on the page; empty when there is no such version."""
    return figures_of(connection, [version_id]).get(version_id, ())


def figures_of(
    connection: Connection, version_ids: Collection[int], *, only: Collection[str] | None = None
) -> dict[int, tuple[Figure, ...]]:
    """The figures of some versions, in their order on the page; versions that have none miss.

    only: indicators besides which the first figure alone is given (it shows the form); None: all.
    """
    way = figures_by_version(connection)
    wanted = (
        select(cell, way.version_id, figure.c.value, figure.c.state, figure.c.printed)
        .select_from(way.tables)
        .where(way.version_id.in_(version_ids))
        .order_by(way.version_id, way.position)
    )
    if only is not None:
        wanted = wanted.where(or_(way.position == 0, cell.c.indicator.in_(sorted(only))))
    found: dict[int, list[Figure]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.version_id, []).append(_figure(row))
    return {version_id: tuple(figures) for version_id, figures in found.items()}


def figure_cells(connection: Connection, version_id: int) -> list[int]:
    """Ids of the cells of a version's figures, in the order of `version_figures`."""
    own = select(layout_cell.c.cell_id).join(
        version_layout, version_layout.c.layout_id == layout_cell.c.layout_id
    )
    own = own.where(version_layout.c.version_id == version_id)
    return list(connection.scalars(own.order_by(layout_cell.c.position)))


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


def version_statements(
    connection: Connection, version_id: int, body_text: str
) -> tuple[Statement, ...]:
    """The statements of a version whose text that is, in their order."""
    columns = [statement_kind.c[name] for name in KIND_COLUMNS]
    columns += [statement.c[name] for name in STATEMENT_COLUMNS]
    rows = connection.execute(
        select(*columns)
        .join(statement_kind, statement_kind.c.id == statement.c.kind_id)
        .where(statement.c.version_id == version_id)
        .order_by(statement.c.position)
    )
    return tuple(stated(body_text, *row) for row in rows)


def version_findings(connection: Connection, version_id: int) -> tuple[Finding, ...]:
    """The doubts that travel with a version's reading."""
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


def year_findings(connection: Connection, version_id: int) -> tuple[Finding, ...]:
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


def _checks(connection: Connection, version_id: int) -> tuple[Check, ...]:
    rows = connection.execute(
        select(check_result)
        .where(check_result.c.version_id == version_id)
        .order_by(check_result.c.position)
    )
    others = [
        (
            row.position,
            Check(
                rule=row.rule,
                scope=row.scope,
                state=CheckState(row.state),
                message=row.message,
                evidence=row.evidence,
            ),
        )
        for row in rows
    ]
    packed = select(held_checks.c.packed).where(held_checks.c.version_id == version_id)
    return in_order(others, unpack_held(connection.scalar(packed)))


def _links(connection: Connection, version_id: int) -> tuple[Link, ...]:
    """What is posted to a link stands with the page that it leads to."""
    rows = connection.execute(
        select(link, page.c.method, page.c.body)
        .outerjoin(page, page.c.id == link.c.to_page_id)
        .where(link.c.version_id == version_id)
        .order_by(link.c.position)
    )
    return tuple(
        Link(
            url=row.url,
            text=row.text,
            role=Role(row.role),
            printed_date=row.printed_date,
            method=row.method or "GET",
            body=row.body,
        )
        for row in rows
    )


def _publisher(row: NamedRow) -> PublicBody | None:
    if row.name is None:
        return None
    return PublicBody(name=row.name, division=row.division or None, kind=BodyKind(row.body_kind))
