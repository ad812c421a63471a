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
}  # fmt: skip


def hidden_parts(
    connection: Connection, table: str, columns: Sequence[str]
) -> Callable[[list[Value]], list[Value]]:
    """Takes the words of withdrawn versions out of the rows of a table; other rows stay as they
    are.
    """
    words = [place for place, name in enumerate(columns) if name in _WORDS.get(table, ())]
    withdrawn = {(each.url, each.version) for each in standing_withdrawals(connection)}
    if not words or not withdrawn:
        return lambda row: row
    url, version = columns.index("url"), columns.index("version")

    def hidden(row: list[Value]) -> list[Value]:
        if (row[url], None) in withdrawn or (row[url], row[version]) in withdrawn:
            for place in words:
                row[place] = None
        return row

    return hidden
