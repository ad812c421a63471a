"""What an export leaves out of rows that are withdrawn from public view: words, never numbers.

An export is what researchers hand on. Of a version that is withdrawn it has the row, so that
nothing is silently missing, and the figures; title, text, fields and quoted evidence are null.
"""

from collections.abc import Callable, Sequence
from typing import Final

from archive.store import Connection
from archive.store.query.withdrawals import standing_withdrawals
from archive.work.export.writers import Value

_WORDS: Final = {
    "documents": (
        "title", "agency", "index_number", "document_number", "category", "text", "attachments",
        "fields",
    ),
    "versions": ("title", "text"),
    "findings": ("message", "evidence"),
    "statements": ("printed", "sentence"),
    "citations": ("title",),
    "changes": ("title", "new"),
}  # fmt: skip
# Of the version before, whose number stands in `previous`.
_WORDS_BEFORE: Final = {"changes": ("old",)}


def hidden_parts(
    connection: Connection, table: str, columns: Sequence[str]
) -> Callable[[list[Value]], list[Value]] | None:
    """Takes the words of withdrawn versions out of the rows of a table; other rows stay as they
    are. None: there are none to take out.
    """
    words = [
        (columns.index(name), columns.index(number))
        for number, known in (("version", _WORDS), ("previous", _WORDS_BEFORE))
        for name in known.get(table, ())
        if name in columns
    ]
    withdrawn = {(each.url, each.version) for each in standing_withdrawals(connection)}
    if not words or not withdrawn:
        return None
    url = columns.index("url")

    def hidden(row: list[Value]) -> list[Value]:
        for place, version in words:
            if (row[url], None) in withdrawn or (row[url], row[version]) in withdrawn:
                row[place] = None
        return row

    return hidden
