"""Brings the codebook's tables of a ledger up to the data files of this code."""

from dataclasses import fields

from archive.codebook.digest import codebook_digest
from archive.codebook.divisions import division, divisions
from archive.codebook.indicators import Indicator, concepts, indicators
from archive.codebook.rules import all_rules
from archive.store import Store
from archive.store.types import Values
from archive.store.write.codebook import store_codebook, stored_digest


def fill_codebook(store: Store) -> None:
    """Fills the tables of indicators, concepts, rules and divisions anew, where other data made
    them. CannotRunError: disk or lock.
    """
    with store.read() as connection:
        if stored_digest(connection) == codebook_digest():
            return
    with store.write() as connection:
        store_codebook(
            connection,
            codebook_digest(),
            indicators=_numbered(_indicators()),
            concepts=_numbered(_concepts()),
            rules=_numbered(_rules()),
            divisions=_divisions(),
        )


def _numbered(rows: list[Values]) -> list[Values]:
    return [{"position": position, **row} for position, row in enumerate(rows)]


def _indicators() -> list[Values]:
    names = [field.name for field in fields(Indicator)]
    return [{name: getattr(each, name) for name in names} for each in indicators().values()]


def _concepts() -> list[Values]:
    names = ("name", "name_en", "unit", "note", "source")
    return [
        {"concept": each.key, **{name: getattr(each, name) for name in names}}
        for each in concepts().values()
    ]


def _rules() -> list[Values]:
    names = ("scope", "text", "text_en", "kind", "strength", "source")
    return [
        {
            "rule": each.id,
            "forms": " ".join(each.forms),
            **{name: getattr(each, name) for name in names},
        }
        for each in all_rules()
    ]


def _divisions() -> list[Values]:
    """The latest name of each code, with the province that it lies in."""
    latest = {each.code: each for each in divisions()}
    provinces = {code: division(code[:2] + "0000") for code in latest}
    return [
        {
            "code": code,
            "name": each.name,
            "level": each.level,
            "province": province.name if (province := provinces[code]) else each.name,
        }
        for code, each in latest.items()
    ]
