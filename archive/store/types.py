"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Numeric,
    Row,
    Select,
    Text,
    cast,
    func,
)
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

from archive.model.errors import DamagedLedgerError
from archive.model.instants import exact
from archive.model.packed import storable

# A statement, and a row whose columns are read by name: schema.py has their types.
Query = Select[*tuple[Any, ...]]
NamedRow = Row[*tuple[Any, ...]]
# What a row is made of, by column.
Values = dict[str, object]

_INSTANT_LENGTH = len("2026-11-22T08:00:00.000000Z")

# SQLite gives row numbers only to a column declared INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")
# URLs and hosts compare by bytes on both engines, so that a prefix is an index range.
Key = Text().with_variant(Text(collation="C"), "postgresql")


class _Json(TypeDecorator[Any]):
    """JSON, on PostgreSQL JSONB; None is stored as NULL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSON on SQLite, JSONB on PostgreSQL."""
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - loads its drivers

            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))


Json = _Json(none_as_null=True)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps it as fixed-width ISO 8601 text ("…T…Z"), which sorts
    as time does and reads well in any tool; PostgreSQL as timestamptz. A naive time is refused.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Text on SQLite, timestamptz on PostgreSQL."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """The stored form; ValueError for a time without zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else exact(moment)

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """The instant in UTC; None when nothing is stored."""
        if value is None:
            return None
        if isinstance(value, str):
            return _instant(value)
        return value.astimezone(UTC)


def _instant(text: str) -> datetime:
    """Every row of an export has one: fromisoformat takes a fortieth of the time of strptime."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _damaged(text, "a time") from error
    if found.tzinfo is not UTC or len(text) != _INSTANT_LENGTH:
        raise _damaged(text, "a time")
    return found


def total(counted: ColumnElement[int]) -> ColumnElement[int]:
    """The sum of counts as a whole number on both engines; None where there is no row. PostgreSQL
    gives a NUMERIC for it, which is a Decimal in Python.
    """
    return cast(func.sum(counted), BigInteger)


def loaded(text: str) -> object:
    """JSON as a column holds it. DamagedLedgerError when it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise _damaged(text, "JSON") from error


def _damaged(found: str, what: str) -> DamagedLedgerError:
    return DamagedLedgerError(
        f"the ledger is damaged: {found[:40]!r} stands where {what} should; `gongkai verify` tells"
        " what it can; restore the ledger from a backup"
    )


def _storable(value: str | None) -> str | None:
    return None if value is None else storable(value)


class Prose(TypeDecorator[str]):
    """Text as pages print it. NUL (PostgreSQL refuses it) and lone surrogates (UTF-8 has none)
    are stored as U+FFFD: a hostile page must not make its own record impossible for ever.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        """The text that both engines can hold."""
        return _storable(value)

    def bind_processor(
        self,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Callable[[str | None], str | None]:
        """The same without a call between."""
        return _storable


class Exact(TypeDecorator[Decimal]):
    """A decimal number without loss: text on SQLite (its NUMERIC would become a float), NUMERIC
    on PostgreSQL.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal] | TypeEngine[str]:
        """Text on SQLite, NUMERIC on PostgreSQL."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(asdecimal=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """The stored form, never in scientific notation."""
        if value is None or dialect.name == "postgresql":
            return value
        return format(value, "f")

    def process_result_value(
        self,
        value: Decimal | str | float | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Decimal | None:
        """The number; also from the number form in which views show it."""
        try:
            return None if value is None else Decimal(str(value))
        except InvalidOperation as error:
            raise _damaged(str(value), "a number") from error
