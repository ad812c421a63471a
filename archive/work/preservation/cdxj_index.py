"""Writes the CDXJ index of an archive, for replay engines and index servers of others."""

import heapq
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TextIO

from archive.model.errors import WarcError
from archive.warc.cdxj import cdx_rows, cdxj_lines, lines_without_retried
from archive.warc.folder import WarcFile
from archive.warc.growing import OPEN_SUFFIX
from archive.work.atomic_file import atomic_file

MAX_OPEN: Final = 200  # files merged at once; a process may usually open about a thousand


def write_index(paths: Iterable[WarcFile], output: Path) -> int:
    """Writes one sorted CDXJ file over all of `paths`; returns the number of its lines.

    Each file is sorted by itself and the results are merged from disk, so memory holds the lines
    of one WARC file. Nothing is left at `output` when it fails: WarcError for a file that cannot
    be read, CannotRunError when the disk refuses.
    """
    with atomic_file(output) as merged, TemporaryDirectory(dir=output.parent) as folder:
        parts = [
            _sorted_part(path, Path(folder) / f"{number}.cdxj") for number, path in enumerate(paths)
        ]
        while len(parts) > MAX_OPEN:  # after years of nights there are more than can be open
            parts = [
                _merged(parts[start : start + MAX_OPEN]) for start in range(0, len(parts), MAX_OPEN)
            ]
        return _merge(parts, merged, lines_without_retried)


def print_index(paths: Iterable[WarcFile], out: TextIO) -> None:
    """Writes the same lines to an open stream, none of them when a file cannot be read."""
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "index.cdxj"
        write_index(paths, whole)
        with whole.open(encoding="utf-8") as lines:
            shutil.copyfileobj(lines, out)


def _sorted_part(path: WarcFile, part: Path) -> Path:
    lines = _lines_so_far(path) if path.name.endswith(OPEN_SUFFIX) else cdxj_lines(path)
    part.write_text("".join(lines), encoding="utf-8")
    return part


def _lines_so_far(path: WarcFile) -> list[str]:
    """A file that grows may end anywhere; what stands whole in it counts."""
    lines: list[str] = []
    with suppress(WarcError):
        lines.extend(row.line() for row in cdx_rows(path))
    return sorted(lines)


def _merged(parts: Sequence[Path]) -> Path:
    """One file in place of several."""
    whole = parts[0].with_suffix(".merged" + parts[0].suffix)
    _merge(parts, whole)
    for part in parts:
        part.unlink()
    return whole


def _merge(
    parts: Iterable[Path],
    output: Path,
    chosen: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> int:
    count = 0
    with ExitStack() as stack, output.open("w", encoding="utf-8") as file:
        opened = [stack.enter_context(part.open(encoding="utf-8")) for part in parts]
        for line in chosen(heapq.merge(*opened)):
            file.write(line)
            count += 1
    return count
