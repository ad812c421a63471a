"""docs/settings.md, from settings/base.py with its comments and from docs/environment.toml."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
BASE = HERE.parent / "settings" / "base.py"
# Handed over by the command itself, never set by a person: it is a function.
INTERNAL = {"GONGKAI_PROGRESS"}
MAX_VALUE = 60

INTRODUCTION = """# Settings

{note}
Nothing must be set to try Gongkai; to crawl hosts of the web, set `GONGKAI_CONTACT`.

## Environment variables

| variable | default | means |
|---|---|---|
{variables}

`PATH` finds Chromium, LibreOffice and bsdtar; `TMPDIR` says where temporary files go.

## Settings of a crawl

These are Scrapy settings. What concerns one portal stands in [its row](portals.md); what concerns
one crawl are [options of the command](commands.md#gongkai-crawl). To change a setting for every
crawl, write a module of your own and name it:

```python
# ours.py
from settings.base import *

GONGKAI_DELAY_S = 10.0
```

```sh
PYTHONPATH=. SCRAPY_SETTINGS_MODULE=ours gongkai crawl --due
```

Settings without `GONGKAI_` in front are those of
[Scrapy](https://docs.scrapy.org/en/latest/topics/settings.html) and its parts; the add-on
`crawler/addon.py` sets those that wire the parts together.

| setting | value | why |
|---|---|---|
{settings}
"""


class Setting(NamedTuple):
    """One line of settings/base.py, and why it is there."""

    name: str
    value: str
    why: str


def settings(text: str) -> Iterator[Setting]:
    """Every NAME = value with the comment on its line, else its paragraph's."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            begin, end = node.lineno - 1, (node.end_lineno or node.lineno) - 1
            beside = lines[end][node.end_col_offset :].partition("#")[2].strip()
            value = ast.unparse(node.value)
            yield Setting(node.targets[0].id, value, beside or comment_above(lines, begin))


def comment_above(lines: list[str], number: int) -> str:
    """The nearest block of comment lines above, within the paragraph."""
    found: list[str] = []
    for line in reversed(lines[:number]):
        if not line.strip() or (found and not line.startswith("#")):
            break
        if line.startswith("#"):
            found.insert(0, line.lstrip("# "))
    return " ".join(found)


def variables() -> dict[str, dict[str, str]]:
    """What docs/environment.toml says of each environment variable."""
    return tomllib.loads((HERE / "environment.toml").read_text("utf-8"))


def names_in(text: str) -> set[str]:
    """The names with GONGKAI_ in front that Python code spells as whole strings."""
    if "GONGKAI" not in text:
        return set()  # to parse all files takes five seconds
    words = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {word for word in words if re.fullmatch(r"GONGKAI_[A-Z_]+", str(word))}


def settings_page(note: str) -> str:
    """The whole page."""
    told = (
        f"| `{n}` | {about['default']} | {about['means']} |" for n, about in variables().items()
    )
    rows = (setting_row(setting) for setting in settings(BASE.read_text("utf-8")))
    return INTRODUCTION.format(note=note, variables="\n".join(told), settings="\n".join(rows))


def setting_row(setting: Setting) -> str:
    """One setting as a row of its table; a long value is cut."""
    value = setting.value
    if len(value) > MAX_VALUE:
        value = value[:MAX_VALUE].rstrip() + "…"
    cells = (f"`{setting.name}`", f"`{value}`", setting.why)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
