"""What a hit must be besides containing the query, as conditions on versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    TextClause,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from archive.model.errors import UsageError, did_you_mean
from archive.model.reading import Kind
from archive.search.grams import fold
from archive.search.index import HIDDEN_KINDS
from archive.store.dialects import MAX_INDEXED
from archive.store.query.questions import check_portal
from archive.store.query.withdrawals import is_withdrawn
from archive.store.reading_tables import named
from archive.store.schema import field as printed
from archive.store.schema import page, portal, public_body, version
from archive.store.types import Query

_Condition: TypeAlias = ColumnElement[bool] | TextClause
_IS_AGENCY = named("agency")
_IS_OTHER = text("version.kind IN ('article', 'attachment', 'other')")
# The sign keeps SQLite from looking at all that have no publisher for those of a few portals.
_SIGNED_BODY: ColumnElement[int] = literal_column("+version.public_body_id")
_IS_INDEXED = func.length(printed.c.value) <= MAX_INDEXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a hit must be besides containing the query. None: anything.

    agency: substring of the agency's name, folded as search folds. year: the year a report
    covers. divisions: codes of places; a page without a publisher is of its portal's place.
    from_on, to_on: bounds, both included, of the date printed as published, or else as
    written; a page without either date is left out when a bound is given. kind: what a page is.
    """

    portal: str | None = None
    agency: str | None = None
    year: int | None = None
    divisions: frozenset[str] | None = None
    from_on: date | None = None
    to_on: date | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Filters as conditions on `version` joined to `page`. agencies: the names, as stored, that
    the filter on the agency means. history: versions that have a later one, too.
    """

    filters: Filters
    agencies: Sequence[str] = ()
    history: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a few versions, each looked at by itself."""
        f = self.filters
        found: list[ColumnElement[bool]] = [version.c.kind.not_in(HIDDEN_KINDS), ~is_withdrawn()]
        if not self.history:
            found.append(page.c.versions == version.c.number)
        if f.portal is not None:
            found.append(page.c.portal_key == f.portal)
        if f.kind is not None:
            found.append(version.c.kind == f.kind)
        if f.divisions is not None:
            found.append(or_(*_places(f.divisions)))
        if f.agency is not None:
            found.append(chosen("agency").in_(self.agencies))
        return found + self.of_time()

    def of_time(self) -> list[ColumnElement[bool]]:
        """Those on year and day, which one index tells."""
        f = self.filters
        found: list[ColumnElement[bool]] = []
        if f.year is not None:
            found.append(version.c.report_year == f.year)
        if f.from_on is not None:
            found.append(version.c.day >= f.from_on.isoformat())
        if f.to_on is not None:
            found.append((version.c.day > "") & (version.c.day <= f.to_on.isoformat()))
        return found

    def few(self, connection: Connection, at_most: int) -> list[int] | None:
        """Ids of the versions that the filters let pass, newest first, found by their indexes.
        None: they are more than `at_most`, or no index tells; or nothing but time is asked for, of
        which there are more, those counted that do not pass.
        """
        sources = self._sources()
        if sources is None:
            return None
        if not sources and self.filters.portal is None:
            listed = select(version.c.id).where(*self.of_time()).limit(at_most + 1).subquery()
            if (connection.scalar(select(func.count()).select_from(listed)) or 0) > at_most:
                return None
        chosen_ids = select(version.c.id).join(page, page.c.id == version.c.page_id)
        narrowed = chosen_ids.where(*sources, *self.conditions()).limit(at_most + 1)
        found = sorted(connection.scalars(narrowed).all(), reverse=True)
        return found if len(found) <= at_most else None

    def _sources(self) -> list[_Condition] | None:
        """Sets of versions, each by an index, that hold all that pass; None: there is none.
        Portals, years and days have indexes of their own.
        """
        f = self.filters
        indexed = (f.portal, f.year, f.from_on, f.to_on)
        found: list[_Condition] = []
        if f.divisions is not None:
            by_body, by_portal = _places(f.divisions)
            ids = select(version.c.id)
            nameless = ids.join(page, page.c.id == version.c.page_id).where(by_portal)
            found.append(version.c.id.in_(union_all(ids.where(by_body), nameless)))
        if f.kind is not None and f.kind != Kind.REPORT:
            found.append(_IS_OTHER)
        if f.agency is not None:
            # Whether it is the one that counts is no part of the index: the conditions ask.
            having = select(printed.c.version_id).where(_IS_AGENCY, _IS_INDEXED)
            found.append(version.c.id.in_(having.where(printed.c.value.in_(self.agencies))))
        return found if found or any(each is not None for each in indexed) else None


def narrowing_of(connection: Connection, filters: Filters, *, history: bool) -> Narrowing:
    """The conditions of filters. UsageError, with names that come near, for a portal or an agency
    that is not there: the answer would be empty whatever was searched.
    """
    if filters.portal is not None:
        check_portal(connection, filters.portal)
    agencies: Sequence[str] = ()
    if filters.agency is not None:
        folded, dialect = fold(filters.agency), connection.dialect.name
        likely = connection.scalars(_likely(folded, dialect)).all()
        agencies = [name for name in likely if folded in name or folded in fold(name)]
        if not agencies:
            names = connection.scalars(_agency_names()).all()
            near = did_you_mean(filters.agency, names)
            raise UsageError(f"no agency has {filters.agency!r} in its name{near}")
    return Narrowing(filters=filters, agencies=agencies, history=history)


def chosen(name: str) -> ScalarSelect[Any]:
    """The value of a header field of `version`, as it counts; NULL where there is none."""
    one = printed.alias()
    value = select(one.c.value).where(one.c.version_id == version.c.id, named(name, one))
    return value.where(one.c.chosen).scalar_subquery()


def _places(divisions: frozenset[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Published by a body of these places; or by none, on a portal of these places."""
    bodies = select(public_body.c.id).where(public_body.c.division.in_(divisions))
    portals = select(portal.c.key).where(portal.c.division.in_(divisions))
    nameless = and_(_SIGNED_BODY.is_(None), page.c.portal_key.in_(portals))
    return version.c.public_body_id.in_(bodies), nameless


def _likely(folded: str, dialect: str) -> Query:
    """Names that have the words as they stand, and those that are more than Han, which folding may
    change: forty thousand names are looked at by the engine, not by Python.
    """
    names = _agency_names().subquery()
    value = names.c.value
    if dialect == "sqlite":
        holds = or_(func.instr(value, folded) > 0, value.op("GLOB")("*[^\u4e00-\u9fff]*"))
    else:
        holds = or_(func.strpos(value, folded) > 0, value.op("!~")("^[\u4e00-\u9fff]*$"))
    return select(value).where(holds)


def _agency_names() -> Query:
    return select(printed.c.value).where(_IS_AGENCY, _IS_INDEXED).distinct()
