"""Takes a portal's row out of HOME/portals.toml and leaves all else as it is written there."""

import re
from pathlib import Path

from archive.model.errors import CatalogueError, UsageError
from archive.work.catalogue.import_csv import write_rows
from archive.work.catalogue.load import (
    find_portal,
    load_catalogue,
    portals_of,
    shipped_portals,
    user_text,
)
from archive.work.home import USER_FILE

_HEAD = re.compile(
    r"\A[ \t]*+\[[ \t]*+(?P<quote>[\"']?)(?P<key>[^\]\"']{1,64}?)(?P=quote)[ \t]*+\]"
)


def remove_portal(home: Path, key: str) -> bool:
    """Removes the row with that key; True when a shipped row of the same key holds again.

    UsageError: no row has the key, or only a shipped one. CatalogueError: the row is written in a
    way that only a person can take apart.
    """
    path = home / USER_FILE
    text = user_text(home)
    rows = portals_of(text, file=str(path), source="user")
    shipped = key in {portal.key for portal in shipped_portals()}
    if key not in {portal.key for portal in rows}:
        find_portal(load_catalogue(home), key)
        raise UsageError(
            f"{key} came with Gongkai and cannot be removed;"
            f" a row of your own with that key in {path} replaces it"
        )
    left = without_row(text, key)
    wanted = [portal for portal in rows if portal.key != key]
    if portals_of(left, file=str(path), source="user") != wanted:
        raise CatalogueError(f"{path}: [{key}] is not written as a plain row; remove it by hand")
    write_rows(path, left)
    return shipped


def without_row(text: str, key: str) -> str:
    """The text of a catalogue file without one row; comments right before the next row stay.

    >>> print(without_row('[a]\\nname = "1"\\n\\n# the other\\n[b]\\nname = "2"\\n', "a"), end="")
    # the other
    [b]
    name = "2"
    """
    lines = text.splitlines(keepends=True)
    heads = [(n, found["key"]) for n, line in enumerate(lines) if (found := _HEAD.match(line))]
    start = next((n for n, named in heads if named == key), None)
    if start is None:
        return text
    end = next((n for n, _ in heads if n > start), len(lines))
    if end < len(lines):
        while end - 1 > start and lines[end - 1].lstrip().startswith("#"):
            end -= 1
    return "".join((*lines[:start], *lines[end:]))
