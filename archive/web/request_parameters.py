"""The parameters of a URL: each is declared once, with its kind, limits, meaning and an example;
reading a value, the words of an error, the OpenAPI document and the page /api follow from that.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from starlette.datastructures import QueryParams

from archive.model.coverage import REPORT_YEARS
from archive.model.errors import UsageError, check_order, did_you_mean
from archive.work.query.date_bounds import first_day, last_day

Key: TypeAlias = tuple[str | int | None, ...]
_MAX_CURSOR = 1_000
# What no database takes, and what turns the direction of the words around it.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter, read as text. needed: without it there is no answer. many: it may be repeated.
    in_path: it is a part of the URL's path, in braces there.
    """

    name: str
    meaning: str
    example: str | None = None
    needed: bool = False
    many: bool = False
    in_path: bool = False
    max_length: int = 200

    def read(self, given: str) -> object:
        """The value that `given`, which is not blank, stands for. UsageError: it is none."""
        if len(given) > self.max_length:
            raise UsageError(f"{self.name} has more than {self.max_length} characters")
        return given

    def schema(self) -> dict[str, Any]:
        """The value's JSON Schema (draft 2020-12)."""
        return {"type": "string", "minLength": int(self.needed), "maxLength": self.max_length}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Parameter):
    """A whole number of `least` to `most`."""

    least: int = 0
    most: int = 1_000_000
    default: int | None = None

    def read(self, given: str) -> object:
        """The number."""
        if not (given.isascii() and given.isdecimal()) or len(given) > 12:
            raise UsageError(self._bounds())
        if not self.least <= int(given) <= self.most:
            raise UsageError(self._bounds())
        return int(given)

    def schema(self) -> dict[str, Any]:
        """An integer within its bounds."""
        made: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return made if self.default is None else made | {"default": self.default}

    def _bounds(self) -> str:
        return f"{self.name} must be a whole number of {self.least} to {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Year(Number):
    """A year that a report may cover, as commands take it."""

    least: int = REPORT_YEARS[0]
    most: int = REPORT_YEARS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Parameter):
    """A year, a month or a day. last: its last day is meant, else its first."""

    last: bool = False

    def read(self, given: str) -> object:
        """The day."""
        try:
            return last_day(given) if self.last else first_day(given)
        except ValueError:
            raise UsageError(f"{self.name}: {given!r} is not a date such as 2016-09-30") from None

    def schema(self) -> dict[str, Any]:
        """Text of digits; which days a month has is beyond a pattern."""
        return {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2})?)?$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One word of a few."""

    choices: Sequence[str]
    default: str | None = None

    def read(self, given: str) -> object:
        """The word."""
        if given not in self.choices:
            near = did_you_mean(given, self.choices) or f"; it takes {', '.join(self.choices)}"
            raise UsageError(f"{self.name} cannot be {given[:40]!r}{near}")
        return given

    def schema(self) -> dict[str, Any]:
        """The words."""
        made: dict[str, Any] = {"type": "string", "enum": [*self.choices]}
        return made if self.default is None else made | {"default": self.default}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Parameter):
    """true or false; false where it is not given."""

    def read(self, given: str) -> object:
        """The truth; 1, yes, 0 and no are understood, too."""
        if given.lower() not in _FLAGS:
            raise UsageError(f"{self.name} must be true or false")
        return _FLAGS[given.lower()]

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean", "default": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(Parameter):
    """Where the last answer ended: its `next`, handed back. kinds: of the key's values, in order;
    None may stand in place of any.
    """

    kinds: tuple[type, ...]

    def read(self, given: str) -> object:
        """The key of the last row, a tuple."""
        wrong = UsageError(f"{self.name} is not a `next` of an earlier answer to this question")
        if len(given) > _MAX_CURSOR:
            raise wrong
        try:
            padded = given + "=" * (-len(given) % 4)
            key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError):
            raise wrong from None
        if not isinstance(key, list) or not self._fits(key):
            raise wrong
        return tuple(key)

    def _fits(self, key: list[object]) -> bool:
        """Kinds as declared, numbers that a database holds, text that it takes."""
        return len(key) == len(self.kinds) and all(
            each is None
            or (isinstance(each, int) and kind is int and abs(each) < 2**53)
            or (isinstance(each, str) and kind is str and each.isprintable())
            for each, kind in zip(key, self.kinds, strict=True)
        )

    def schema(self) -> dict[str, Any]:
        """Opaque text."""
        return {"type": "string", "maxLength": _MAX_CURSOR}


def cursor_of(key: Key) -> str:
    """A row's key as `next` spells it; Cursor.read gives it back."""
    packed = json.dumps(key, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks for: its values, read as the route declares them. Each method gives
    None (`texts` nothing) for a parameter that is not given or blank and has no default.

    given: as typed, for forms. base_url: where this server is reached, without a slash.
    """

    declared: Mapping[str, Parameter]
    given: QueryParams
    in_path: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    path: str = ""

    def check(self) -> None:
        """UsageError for a value that cannot be meant, for one that is missing, and for a `from`
        after its `to`.
        """
        for name, parameter in self.declared.items():
            if not self._values(name) and parameter.needed:
                raise UsageError(f"the parameter {name} is missing")
        if {"from", "to"} <= self.declared.keys():
            check_order("from", self._value("from"), "to", self._value("to"))

    def text(self, name: str) -> str | None:
        """A text or a choice."""
        value = self._value(name)
        return None if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of a parameter that may be repeated."""
        return tuple(str(value) for value in self._values(name))

    def need(self, name: str) -> str:
        """A text that is needed; UsageError when it misses."""
        value = self.text(name)
        if value is None:
            raise UsageError(f"the parameter {name} is missing")
        return value

    def number(self, name: str) -> int | None:
        """A whole number."""
        value = self._value(name)
        return value if isinstance(value, int) else None

    def day(self, name: str) -> date | None:
        """A day."""
        value = self._value(name)
        return value if isinstance(value, date) else None

    def flag(self, name: str) -> bool:
        """Whether a flag is set."""
        return self._value(name) is True

    def cursor(self, name: str = "after") -> Key | None:
        """The key of the row after which the answer begins."""
        value = self._value(name)
        return value if isinstance(value, tuple) else None

    def _value(self, name: str) -> object:
        values = self._values(name)
        return values[0] if values else getattr(self.declared[name], "default", None)

    def _values(self, name: str) -> list[object]:
        parameter = self.declared[name]
        typed = [self.in_path[name]] if parameter.in_path else self.given.getlist(name)
        given = [each.strip() for each in typed if each.strip()]
        if len(given) > 1 and not parameter.many:
            raise UsageError(f"{name} is given {len(given)} times; give it once")
        return [parameter.read(each) for each in given]


def check_parameters(asked: Asked) -> None:
    """UsageError for a parameter that the route does not know, since its answer would be that to
    another question, and for characters that no database takes or no reader sees.
    """
    known = [name for name, each in asked.declared.items() if not each.in_path]
    for name, value in (*asked.given.multi_items(), *asked.in_path.items()):
        if name not in asked.declared:
            taken = f"it takes {', '.join(known)}" if known else "it takes none"
            near = did_you_mean(name[:100], known) or f"; {taken}"
            raise UsageError(f"there is no parameter {name[:40]!r} here{near}")
        if _CONTROL.search(value):
            raise UsageError(f"{name}: the value has a NUL or another control character")


LIMIT = Number(name="limit", meaning="how many rows at most", least=1, most=200, default=20)
YEAR = Year(name="year", meaning="the year that a report covers", example="2021")
PORTAL = Parameter(name="portal", meaning="the key of a portal", max_length=100)
DIVISION = Parameter(
    name="division",
    meaning="a place, by code of GB/T 2260 or by name, with all below it and all it took over",
    example="320613",
    max_length=100,
)
URL = Parameter(
    name="url",
    meaning="a page's URL in any spelling, or an end of it that no other page has",
    needed=True,
    max_length=4_000,
)
OFFSET = Number(name="offset", meaning="how many rows are left out in front", default=0)
FORMAT = Choice(name="format", choices=("json", "csv"), default="json",
                meaning="json, or csv (as with Accept: text/csv)")  # fmt: skip
