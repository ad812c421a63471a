"""What an archive holds now, measured as seals name it: files, and rows of the ledger."""

import hashlib

from archive.store import Connection
from archive.store.query.sealed_rows import (
    NumberRow,
    capture_rows,
    figure_rows,
    number_rows,
    outcome_rows,
    run_row,
    statement_rows,
    version_row,
)
from archive.warc.folder import WarcFile, WarcFolder, warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.work.preservation.seal.manifest import (
    Rows,
    digest_of_lines,
    digest_of_numbers,
    digest_of_rows,
    line_of,
    line_of_number,
    sha256,
    version_digest,
)

_READ_BYTES = 1024 * 1024
_MOST_LINES, _SHORT = 10_000, 500


def closed_files(folder: WarcFolder) -> dict[str, WarcFile]:
    """The WARC files that no crawl writes any more, by name."""
    found = (path for path in warc_files(folder) if not path.name.endswith(OPEN_SUFFIX))
    return {path.name: path for path in found}


def size_and_sha256(path: WarcFile) -> tuple[int, str]:
    """Of a file, read once; OSError when it cannot be."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(_READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def captures_in(connection: Connection, file: str) -> Rows:
    """The ledger's captures in a WARC file."""
    return digest_of_rows(capture_rows(connection, file))


def outcomes_of(connection: Connection, run: int) -> Rows:
    """The ledger's outcomes of a run."""
    return digest_of_rows(outcome_rows(connection, run))


def run_sha256(connection: Connection, run: int) -> str | None:
    """Of a run's row; None when the ledger has none of that number."""
    row = run_row(connection, run)
    return None if row is None else sha256(line_of(row))


class Versions:
    """The versions of a ledger in one transaction. How their figures stand in a line is kept: most
    are nought or blank, and stand so in every report.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lines: dict[NumberRow, bytes] = {}

    def sha256(self, url: str, number: int) -> str | None:
        """Of a version with its numbers; None when the ledger has none of that number."""
        row = version_row(self._connection, url, number)
        if row is None:
            return None
        stated = statement_rows(self._connection, url, number)
        return version_digest(row, self._of_figures(url, number), digest_of_numbers(stated))

    def _of_figures(self, url: str, number: int) -> Rows:
        rows = number_rows(self._connection, url, number)
        unknown = rows.difference(self._lines)
        whole = figure_rows(self._connection, unknown) if unknown else {}
        fresh = {row: line_of_number(its) for row, its in whole.items()}
        known = map(self._lines.__getitem__, rows - unknown)
        digest = digest_of_lines({*known, *fresh.values()})
        if len(self._lines) > _MOST_LINES:
            self._lines.clear()
        self._lines.update((row, line) for row, line in fresh.items() if len(line) <= _SHORT)
        return digest
