"""The rows of some pages, as JSON Lines and as Parquet, with a codebook beside them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from archive.codebook.forms import FORMS, form
from archive.codebook.indicators import indicators
from archive.store import Connection
from archive.store.query.questions import stream_rows, view_columns
from archive.store.views import described_columns
from archive.work.export.export import file_writer, shape_of, typer
from archive.work.export.writers import Heading

CODEBOOK: Final = "codebook.json"
# The tables, and the column that says which rows belong to the pages.
_BY_URL: Final = (
    "documents",
    "versions",
    "captures",
    "outcomes",
    "figures",
    "statements",
    "findings",
)
_ENDINGS: Final = (".jsonl", ".parquet")
_CHUNK: Final = 200


def export_pages(
    connection: Connection,
    folder: Path,
    keys: Callable[[], Iterable[Sequence[str]]],
    *,
    portals: Sequence[str],
    runs: Sequence[int],
) -> list[Path]:
    """Writes every table of some pages into `folder`, which is made; gives the files.

    keys: the pages, some hundred at a time, from the start at each call. portals, runs: the rows of
    these go with them.
    """
    folder.mkdir()
    files = [folder / CODEBOOK]
    files[0].write_text(_codebook(), encoding="utf-8")
    for name in _BY_URL:
        files += _table(connection, folder, name, "url", keys())
    files += _table(connection, folder, "portals", "portal", _chunks(portals))
    files += _table(connection, folder, "runs", "run", _chunks(runs))
    return files


def _table(
    connection: Connection,
    folder: Path,
    name: str,
    column: str,
    wanted: Iterable[Sequence[str] | Sequence[int]],
) -> list[Path]:
    columns = view_columns(connection, name)
    headings = [Heading(name=each, shape=shape_of(name, each)) for each in columns]
    paths = [folder / f"{name}{ending}" for ending in _ENDINGS]
    typed = typer(headings)
    writers = [file_writer(path, path.suffix, name, headings) for path in paths]
    try:
        for some in wanted:
            for rows in stream_rows(connection, name, columns, column, some):
                values = typed([*zip(*rows, strict=True)])
                for writer in writers:
                    writer.write_columns(values)
    except BaseException:
        for writer in writers:
            writer.drop()
        raise
    for writer in writers:
        writer.close()
    return paths


def _chunks(values: Sequence[str] | Sequence[int]) -> Iterable[Sequence[str] | Sequence[int]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _codebook() -> str:
    tables = (*_BY_URL, "portals", "runs")
    described = described_columns()
    book = {
        "tables": {name: [asdict(each) for each in described[name]] for name in tables},
        "forms": {name: form(name).title for name in FORMS},
        "indicators": [asdict(each) for each in indicators().values()],
    }
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"
