"""Marks of pages that only a browser can fill, and of challenges (see scripted.toml)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from archive.codebook.phrases import phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMark:
    """A sign in the mark-up that scripts bring what is missing.

    bare: it counts only on pages without any visible text.
    """

    name: str
    pattern: re.Pattern[str]
    bare: bool


@cache
def script_marks() -> tuple[ScriptMark, ...]:
    """The marks in the order in which they are tried, read once."""
    data = tomllib.loads(files(__package__).joinpath("scripted.toml").read_text("utf-8"))
    return tuple(
        ScriptMark(
            name=row["name"],
            pattern=re.compile(row["pattern"], re.IGNORECASE),
            bare=row.get("bare", False),
        )
        for row in data["mark"]
    )


@cache
def challenges() -> frozenset[str]:
    """The names of refusals that are told by their mark-up: a script sets a cookie and loads the
    page again, which a browser does by itself (formats.md 5.2).
    """
    return frozenset(mark.name for mark in phrases().blocked if mark.where == "source")
