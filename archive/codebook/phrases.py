"""Phrases of tools, feet of sites, refusals, missing pages, copies (see phrases.toml)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from archive.model.content import squeezed

__all__ = ["Mark", "Phrases", "phrases", "squeezed"]

_PUNCTUATION = r"[^\w\u4e00-\u9fff]|_|\d{1,3}(?=$|\D)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A pattern that counts only on pages with at most `most` characters of text.

    where: "text" (squeezed) or "source" (mark-up as sent). name: what it is called in findings.
    """

    pattern: re.Pattern[str]
    most: int
    where: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The codebook's phrases, compiled. tools, buttons, line, end, notice, footer: for one
    squeezed line (buttons: for a word behind a value).
    """

    tools: re.Pattern[str]
    buttons: re.Pattern[str]
    line: re.Pattern[str]
    end: re.Pattern[str]
    notice: re.Pattern[str]
    footer: re.Pattern[str]
    soft_404: tuple[Mark, ...]
    blocked: tuple[Mark, ...]
    farm: tuple[re.Pattern[str], ...]
    brands: re.Pattern[str]
    vices: re.Pattern[str]
    against: re.Pattern[str]
    mirror: tuple[re.Pattern[str], ...]
    converted: re.Pattern[str]
    account: tuple[re.Pattern[str], ...]
    not_account: re.Pattern[str]
    report_folder: re.Pattern[str]
    report_title: re.Pattern[str]


@cache
def phrases() -> Phrases:
    """The codebook's phrases, read once."""
    data = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
    words = sorted(data["tools"]["words"], key=len, reverse=True)
    return Phrases(
        tools=re.compile(rf"(?>(?>{'|'.join(map(re.escape, words))})|{_PUNCTUATION})+"),
        buttons=_buttons(data["buttons"]),
        line=_any(data["line"]),
        end=_any(data["end"]),
        notice=_any(data["notice"]),
        footer=_any(data["footer"], re.IGNORECASE),
        soft_404=tuple(map(_mark, data["soft_404"])),
        blocked=tuple(map(_mark, data["blocked"])),
        farm=tuple(re.compile(row["pattern"]) for row in data["farm"]),
        brands=re.compile("|".join(map(re.escape, data["hijack"]["brands"]))),
        vices=re.compile("|".join(map(re.escape, data["hijack"]["vices"]))),
        against=re.compile("|".join(data["hijack"]["against"])),
        mirror=tuple(re.compile(row["pattern"]) for row in data["mirror"]),
        account=tuple(re.compile(row["pattern"]) for row in data["account"]),
        not_account=_any(data["not_account"]),
        report_folder=re.compile(data["report_folder"][0]["pattern"]),
        report_title=_any(data["report_title"]),
        converted=re.compile("|".join(map(re.escape, data["converted"]["words"]))),
    )


def _buttons(row: dict[str, list[str]]) -> re.Pattern[str]:
    """Words of buttons, and an action before or behind the form of a file."""
    word = "|".join(map(re.escape, sorted(row["words"], key=len, reverse=True)))
    action, form = ("|".join(map(re.escape, row[name])) for name in ("actions", "formats"))
    kind = rf"(?:{form})(?:版|格式|文件)?"
    return re.compile(rf"(?>(?:{action}){kind}|{kind}(?:{action})|{word})+", re.IGNORECASE)


def _any(rows: list[dict[str, str]], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows), flags)


def _mark(row: dict[str, str]) -> Mark:
    return Mark(
        pattern=re.compile(row["pattern"], re.IGNORECASE),
        most=int(row["most"]),
        where=row.get("where", "text"),
        name=row.get("name", ""),
    )
