"""What a bundle for others takes: captures by portal, run, time or page, with the captures that
their revisits repeat and their pages show; the pages and versions that these show.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
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
_NAMING_TYPES: Final = ("text/html", "application/xhtml+xml", "text/css", "text/plain")
# Why a capture is there: it fits what was asked for; a revisit repeats it; a page shows it.
Why: TypeAlias = Literal["chosen", "repeated", "shown"]


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
    """A capture of a bundle, and why it is there: the first reason that holds."""

    capture: CaptureRow
    why: Why


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


def is_named(url: str) -> ColumnElement[bool]:
    """SQL: a page has that URL, however its key is spelled."""
    respelled = and_(page.c.url == url, page.c.url != page.c.key)
    return or_(page.c.key == key_of(url), page.c.key == url, respelled)


def page_ids(connection: Connection, urls: Sequence[str]) -> dict[str, list[int]]:
    """The pages of each URL, in whatever spelling; [] for a URL that the archive does not have."""
    found: dict[str, list[int]] = {}
    for url in urls:
        found[url] = list(connection.scalars(select(page.c.id).where(is_named(url))))
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
    """How many captures are chosen; what belongs to them is not counted."""
    return _count(connection, selection)


def selected_captures(
    connection: Connection, selection: Selection, shown: Collection[int] = ()
) -> Iterator[SelectedCapture]:
    """The captures, those that chosen pages show, and what revisits among them repeat, by WARC file
    and offset. shown: their ids, as `nearest_captures` finds them.
    """
    chosen, is_shown = _wanted(connection, selection), capture.c.id.in_(_each(connection, "shown"))
    wanted = or_(chosen, is_shown)
    repeated = (
        select(capture.c.refers_to)
        .join(page, page.c.id == capture.c.page_id)
        .where(wanted, capture.c.record_type == "revisit", capture.c.refers_to.is_not(None))
    )
    query = (
        captures_query()
        .add_columns(case((chosen, "chosen"), (is_shown, "shown"), else_="repeated").label("why"))
        .where(or_(wanted, capture.c.id.in_(repeated)))
        .order_by(None)
        .order_by(capture.c.warc_file_id, capture.c.warc_offset)
        .execution_options(yield_per=_STREAMED)
    )
    for row in connection.execute(query, {**_parameters(selection), "shown": list(shown)}):
        yield SelectedCapture(capture=capture_of(row), why=row.why)


def naming_captures(connection: Connection, selection: Selection) -> Iterator[CaptureRow]:
    """The chosen captures that may name what belongs to them and is not chosen, by page and time:
    redirects; pages and style sheets where the archive has what they show.
    """
    query = captures_query().where(_wanted(connection, selection), _names(selection))
    query = query.execution_options(yield_per=_STREAMED)
    for row in connection.execute(query, _parameters(selection)):
        yield capture_of(row)


def count_naming(connection: Connection, selection: Selection) -> int:
    """How many `naming_captures` gives."""
    return _count(connection, selection, _names(selection))


def nearest_captures(
    connection: Connection, wanted: Mapping[str, Iterable[datetime]]
) -> Iterator[CaptureRow]:
    """Of each page, by key, the captures nearest to those instants, each once: what a player shows
    then. Only whole ones that answered or led on count; nothing for a page without one.
    """
    answered = or_(capture.c.status == _SHOWN[0], capture.c.status.between(300, 399))
    answered = and_(answered, capture.c.truncated.is_(None))
    keys = sorted(wanted)
    for start in range(0, len(keys), _KEYS):
        query = captures_query().where(page.c.key.in_(keys[start : start + _KEYS]), answered)
        rows = connection.execute(query).all()
        for key, group in groupby(rows, key=lambda row: str(row.key)):
            of_page = list(group)
            nearest = {
                min(of_page, key=lambda row: abs(row.captured_at - at)) for at in wanted[key]
            }
            yield from (capture_of(row) for row in nearest)


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


def _count(connection: Connection, selection: Selection, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(capture.join(page, page.c.id == capture.c.page_id))
    query = query.where(_wanted(connection, selection), *conditions)
    return connection.scalar(query, _parameters(selection)) or 0


def _names(selection: Selection) -> ColumnElement[bool]:
    if selection == Selection():
        return false()
    leads = and_(capture.c.status.between(300, 399), capture.c.status != _SHOWN[1])
    requisite = page.alias("requisite")
    shows = exists().where(requisite.c.role == Role.REQUISITE)
    told = or_(capture.c.media_type.is_(None), capture.c.media_type.in_(_NAMING_TYPES))
    return or_(leads, and_(shows, capture.c.status.in_(_SHOWN), told))


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
