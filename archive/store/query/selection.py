"""What a bundle for others takes: captures by portal, run, time or page, with the captures that
their revisits repeat; the pages and versions that these show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
)

from archive.model.outcome import SIDE_ROLES, Role
from archive.model.url import key_of
from archive.store.query.history import capture_of, captures_query
from archive.store.rows import CaptureRow
from archive.store.schema import body, capture, link, page, version
from archive.store.types import Json

_STREAMED = 500
_KEYS = 200
_SHOWN = (200, 304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which captures are wanted: those that fit all that is given. from_at, to_at: bounds, the
    second one excluded. page_ids: only of these pages. (): any portal, any run; None: no bound.
    """

    portals: tuple[str, ...] = ()
    runs: tuple[int, ...] = ()
    from_at: datetime | None = None
    to_at: datetime | None = None
    page_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedCapture:
    """chosen: False for one that is there only because a chosen revisit repeats it."""

    capture: CaptureRow
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVersion:
    """A version that a chosen capture shows. shown_at: when the first of these was made. url: as
    it was asked for; key: of its page. text: "" when the version has none.
    """

    version_id: int
    key: str
    url: str
    method: str
    kind: str
    title: str | None
    text: str
    shown_at: datetime


def page_ids(connection: Connection, urls: Sequence[str]) -> dict[str, list[int]]:
    """The pages of each URL, in whatever spelling; [] for a URL that the archive does not have."""
    found: dict[str, list[int]] = {}
    for url in urls:
        same = or_(page.c.key == key_of(url), page.c.key == url, page.c.url == url)
        found[url] = list(connection.scalars(select(page.c.id).where(same)))
    return found


def with_attachments(connection: Connection, ids: Sequence[int]) -> tuple[int, ...]:
    """The pages, and the files that any of their versions offers."""
    offered = (
        select(link.c.to_page_id)
        .where(link.c.from_page_id.in_(_each(connection, "ids")), link.c.role == Role.ATTACHMENT)
        .where(link.c.to_page_id.is_not(None))
        .distinct()
    )
    more = connection.scalars(offered, {"ids": list(ids)})
    return tuple(sorted({*ids, *more}))


def count_selected(connection: Connection, selection: Selection) -> int:
    """How many captures are chosen; what their revisits repeat is not counted."""
    query = select(func.count()).select_from(capture.join(page, page.c.id == capture.c.page_id))
    query = query.where(_wanted(connection, selection))
    return connection.scalar(query, _parameters(selection)) or 0


def selected_captures(connection: Connection, selection: Selection) -> Iterator[SelectedCapture]:
    """The captures, and those that their revisits repeat, by WARC file and offset."""
    wanted = _wanted(connection, selection)
    repeated = (
        select(capture.c.refers_to)
        .join(page, page.c.id == capture.c.page_id)
        .where(wanted, capture.c.record_type == "revisit", capture.c.refers_to.is_not(None))
    )
    query = (
        captures_query()
        .add_columns(wanted.label("chosen"))
        .where(or_(wanted, capture.c.id.in_(repeated)))
        .order_by(None)
        .order_by(capture.c.warc_file_id, capture.c.warc_offset)
        .execution_options(yield_per=_STREAMED)
    )
    for row in connection.execute(query, _parameters(selection)):
        yield SelectedCapture(capture=capture_of(row), chosen=bool(row.chosen))


def shown_versions(connection: Connection, selection: Selection) -> Iterator[ShownVersion]:
    """The versions that the chosen captures show, page by page."""
    later = version.alias("later")
    is_shown = and_(
        capture.c.status.in_(_SHOWN),
        capture.c.captured_at >= version.c.captured_at,
        or_(later.c.id.is_(None), capture.c.captured_at < later.c.captured_at),
    )
    query = (
        select(version.c.id, func.min(capture.c.captured_at).label("shown_at"))
        .join(page, page.c.id == version.c.page_id)
        .join(capture, capture.c.page_id == version.c.page_id)
        .outerjoin(
            later,
            and_(later.c.page_id == version.c.page_id, later.c.number == version.c.number + 1),
        )
        .where(_wanted(connection, selection))
        .where(or_(capture.c.id == version.c.capture_id, is_shown))
        .group_by(page.c.portal_key, page.c.key, version.c.number, version.c.id)
        .order_by(page.c.portal_key, page.c.key, version.c.number)
    )
    rows = [(row.id, row.shown_at) for row in connection.execute(query, _parameters(selection))]
    for start in range(0, len(rows), _KEYS):
        yield from _with_texts(connection, dict(rows[start : start + _KEYS]))


def pages_without_version(connection: Connection, selection: Selection) -> Iterator[CaptureRow]:
    """The first chosen capture of each page that answered and never had a version: what was taken
    for an error page. robots.txt is none, nor is what pages show.
    """
    query = (
        captures_query()
        .where(_wanted(connection, selection), page.c.versions == 0)
        .where(page.c.role.not_in(SIDE_ROLES))
        .where(capture.c.status == _SHOWN[0], capture.c.record_type == "response")
    )
    last = None
    for row in connection.execute(query, _parameters(selection)):
        if row.page_id != last:
            yield capture_of(row)
        last = row.page_id


def selected_keys(connection: Connection, selection: Selection) -> Iterator[list[str]]:
    """The keys of the pages with a chosen capture, some hundred at a time."""
    query = (
        select(page.c.key)
        .join(capture, capture.c.page_id == page.c.id)
        .where(_wanted(connection, selection))
        .group_by(page.c.id, page.c.key)
        .order_by(page.c.id)
    )
    keys = list(connection.scalars(query, _parameters(selection)))
    for start in range(0, len(keys), _KEYS):
        yield keys[start : start + _KEYS]


def selected_origins(connection: Connection, selection: Selection) -> tuple[list[str], list[int]]:
    """The portals and the runs that the chosen captures are of."""
    query = (
        select(page.c.portal_key, capture.c.run_id)
        .join(page, page.c.id == capture.c.page_id)
        .where(_wanted(connection, selection))
        .distinct()
    )
    rows = connection.execute(query, _parameters(selection)).all()
    return sorted({row.portal_key for row in rows}), sorted({row.run_id for row in rows})


def _with_texts(connection: Connection, shown: dict[int, datetime]) -> Iterator[ShownVersion]:
    columns = (version.c.id, version.c.kind, version.c.title, body.c.text)
    query = (
        select(*columns, page.c.key, page.c.url, page.c.method)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.id.in_(list(shown)))
    )
    rows = {row.id: row for row in connection.execute(query)}
    for version_id, shown_at in shown.items():
        row = rows[version_id]
        yield ShownVersion(
            version_id=version_id, key=row.key, url=row.url, method=row.method, kind=row.kind,
            title=row.title, text=row.text, shown_at=shown_at,
        )  # fmt: skip


def _wanted(connection: Connection, selection: Selection) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if selection.portals:
        conditions.append(page.c.portal_key.in_(selection.portals))
    if selection.runs:
        conditions.append(capture.c.run_id.in_(selection.runs))
    if selection.from_at is not None:
        conditions.append(capture.c.captured_at >= selection.from_at)
    if selection.to_at is not None:
        conditions.append(capture.c.captured_at < selection.to_at)
    if selection.page_ids is not None:
        conditions.append(page.c.id.in_(_each(connection, "page_ids")))
    return and_(*conditions)


def _parameters(selection: Selection) -> dict[str, Any]:
    return {} if selection.page_ids is None else {"page_ids": list(selection.page_ids)}


def _each(connection: Connection, name: str) -> Any:
    """The numbers of a list that is bound as one value: a statement takes some thousand at most."""
    bound = bindparam(name, type_=Json)
    if connection.dialect.name == "postgresql":
        value = func.jsonb_array_elements_text(bound).table_valued("value")
        return select(cast(value.c.value, BigInteger))
    value = func.json_each(bound).table_valued("value")
    return select(cast(value.c.value, Integer))
