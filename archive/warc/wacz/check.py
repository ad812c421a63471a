"""Our own checker of WACZ files, in bounded memory.

It exists because the reference tool passes six of ten defects: no index, no pages, wrong offsets in
the index, a WARC file that is deflated, a wrong payload digest inside, no datapackage-digest.json;
and crashes on a WARC file that was cut.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from archive.model.reading import Severity
from archive.warc.block import Block
from archive.warc.check import (
    ANOTHER_FORMAT,
    SENT_WRONGLY,
    Damage,
    OnRecord,
    check_stream,
)
from archive.warc.formats import other_format
from archive.warc.rules import Complaint
from archive.warc.scan import Head
from archive.warc.seen import Seen
from archive.warc.wacz.directory import ContainerError, Directory, FoundEntry
from archive.warc.wacz.index_check import IndexCheck, check_blocks
from archive.warc.wacz.lines import gunzipped, lines_of
from archive.warc.wacz.manifest_check import (
    check_digest,
    check_files,
    check_manifest,
    read_manifest,
)
from archive.warc.wacz.package import ARCHIVE, MANIFEST, PAGES

_START_BYTES: Final = 4096
_MAX_BLOCK_BYTES: Final = 64 * 1024 * 1024
_INDEXES: Final = "indexes/"
_PLAIN_INDEXES: Final = (".cdx", ".cdxj")
_PACKED_INDEXES: Final = (".cdx.gz", ".cdxj.gz")


def is_wacz(path: Path) -> bool:
    """Whether a file is to be looked at as a WACZ: by its name, or by what it begins with."""
    if path.suffix.lower() == ".wacz":
        return True
    try:
        with path.open("rb") as stream:
            return other_format(stream.read(_START_BYTES)) == "a WACZ file"
    except OSError:
        return False


def check_wacz(path: Path, *, met: Callable[[Path], OnRecord] | None = None) -> Iterator[Damage]:
    """Everything that is wrong with a WACZ file: its container, its manifest, its index, its pages,
    and the WARC files in it, whose names stand behind that of the file. met: what to call with
    every record that can be read of such a file.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        yield _damage(path, 0, (Severity.ERROR, "file", error.strerror or "cannot be read"))
        return
    with stream:
        try:
            directory = Directory(stream)
        except ContainerError as error:
            yield _damage(path, 0, (Severity.ERROR, "zip", str(error)))
            return
        yield from _Check(path, stream, directory, met).damages()


class _Check:
    """One run over one file."""

    def __init__(
        self,
        path: Path,
        stream: BinaryIO,
        directory: Directory,
        met: Callable[[Path], OnRecord] | None,
    ) -> None:
        self._path = path
        self._stream = stream
        self._directory = directory
        self._hearing = met
        self._latest = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._needs_others = self._is_ours = False

    def damages(self) -> Iterator[Damage]:
        for offset, complaint in self._directory.complaints:
            yield _damage(self._path, offset, complaint)
        for name, complaint in self._manifest():
            yield _damage(self._path / name, 0, complaint)
            if complaint[1] == ANOTHER_FORMAT:
                return
        with Seen() as seen, IndexCheck() as index:
            yield from self._files(seen, index)
            for name, offset, complaint in index.complaints(exact_pages=self._is_ours):
                yield _damage(self._path / name, offset, complaint)
            for damage in seen.unresolved():
                yield self._unresolved(damage)

    def _manifest(self) -> Iterator[tuple[str, Complaint]]:
        try:
            content, manifest = read_manifest(self._directory)
        except ContainerError as error:
            yield MANIFEST, (Severity.ERROR, "manifest", str(error))
            return
        if manifest.get("profile") == "multi-wacz-package":
            message = "a package of several WACZ files; not looked at"
            yield MANIFEST, (Severity.WARNING, ANOTHER_FORMAT, message)
            return
        relation = manifest.get("relation")
        self._needs_others = isinstance(relation, dict) and bool(relation.get("requires"))
        self._is_ours = str(manifest.get("software", "")).startswith("gongkai ")
        yield from check_manifest(manifest)
        yield from check_files(self._directory, manifest)
        yield from check_digest(self._directory, content, manifest)

    def _files(self, seen: Seen, index: IndexCheck) -> Iterator[Damage]:
        yield from self._archive(seen, index)
        yield from self._indexes(index)
        yield from self._pages(index)

    def _archive(self, seen: Seen, index: IndexCheck) -> Iterator[Damage]:
        entries = self._under(ARCHIVE)
        if not entries:
            yield _damage(self._path, 0, (Severity.ERROR, "no_warc", "there is no WARC file in it"))
        for entry in entries:
            path = self._path / entry.name
            if not entry.is_stored:
                message = "the WARC file is deflated: no record can be read by its offset"
                yield _damage(path, entry.offset, (Severity.ERROR, "deflated", message))
                continue
            hears = self._hearing(path) if self._hearing else None
            met = partial(self._met, index, entry.name, hears)
            with self._directory.stored(entry) as stream:
                for damage in check_stream(stream, path, self._latest, seen=seen, on_record=met):
                    yield self._as_sent(damage)

    def _met(
        self,
        index: IndexCheck,
        name: str,
        hears: OnRecord | None,
        head: Head,
        length: int | None,
        block: Block,
    ) -> None:
        index.note_record(name, head, length)
        if hears:
            hears(head, length, block)

    def _indexes(self, index: IndexCheck) -> Iterator[Damage]:
        entries = [
            entry
            for entry in self._under(_INDEXES)
            if entry.name.endswith((*_PLAIN_INDEXES, *_PACKED_INDEXES))
        ]
        if not entries:
            message = "there is no index: no page can be found"
            yield _damage(self._path, 0, (Severity.ERROR, "no_index", message))
        for entry in entries:
            is_packed = entry.name.endswith(_PACKED_INDEXES)
            if is_packed and not entry.is_stored:
                message = "the index is deflated: no block can be read by its offset"
                complaint = (Severity.ERROR, "deflated", message)
                yield _damage(self._path / entry.name, entry.offset, complaint)
            pieces = self._directory.pieces(entry)
            lines = lines_of(gunzipped(pieces) if is_packed else pieces)
            yield from self._damages(entry, index.note_lines(entry.name, lines))
            if is_packed:
                yield from self._blocks(entry)

    def _blocks(self, index: FoundEntry) -> Iterator[Damage]:
        name = index.name.removesuffix(".gz").rpartition(".")[0] + ".idx"
        entry = self._directory.entries.get(name)
        if entry is None:
            message = f"there is no {name}: replayweb.page finds nothing in a packed index without"
            yield _damage(self._path / name, 0, (Severity.ERROR, "idx", message))
            return
        lines = lines_of(self._directory.pieces(entry))
        found = ((name, 0, complaint) for complaint in check_blocks(lines, self._block))
        yield from self._damages(entry, found)

    def _block(self, name: str, offset: int, length: int) -> bytes | None:
        entry = self._directory.entries.get(_INDEXES + name)
        if entry is None or not entry.is_stored or offset < 0 or not 0 < length <= _MAX_BLOCK_BYTES:
            return None
        with self._directory.stored(entry) as stream:
            stream.seek(offset)
            found = stream.read(length)
        return found if len(found) == length else None

    def _pages(self, index: IndexCheck) -> Iterator[Damage]:
        if PAGES not in self._directory.entries:
            message = f"there is no {PAGES}: nobody sees what is in it"
            yield _damage(self._path, 0, (Severity.ERROR, "no_pages", message))
        for entry in self._under("pages/"):
            if entry.name.endswith(".jsonl"):
                lines = lines_of(self._directory.pieces(entry))
                is_main = entry.name == PAGES
                yield from self._damages(
                    entry, index.note_pages(entry.name, lines, is_main=is_main)
                )

    def _damages(
        self, entry: FoundEntry, found: Iterable[tuple[str, int, Complaint]]
    ) -> Iterator[Damage]:
        """What was found in a file, up to the place where it cannot be read on."""
        try:
            for name, offset, complaint in found:
                yield _damage(self._path / name, offset, complaint)
        except ContainerError as error:
            yield _damage(self._path / entry.name, 0, (Severity.ERROR, "zip_entry", str(error)))

    def _as_sent(self, damage: Damage) -> Damage:
        """We keep what servers send, labelled rightly or not; others repack it."""
        if self._is_ours and damage.rule in SENT_WRONGLY:
            return replace(damage, severity=Severity.WARNING)
        return damage

    def _unresolved(self, damage: Damage) -> Damage:
        """A bundle may say that it needs others, which have what its revisits repeat."""
        if not self._needs_others or damage.rule != "unresolved_revisit":
            return damage
        complaint = (Severity.WARNING, damage.rule, f"{damage.message}; the bundle requires others")
        return _damage(Path(damage.file), damage.offset, complaint)

    def _under(self, folder: str) -> list[FoundEntry]:
        entries = self._directory.entries.values()
        return [entry for entry in entries if entry.name.startswith(folder)]


def _damage(path: Path, offset: int, complaint: Complaint) -> Damage:
    severity, rule, message = complaint
    return Damage(file=str(path), offset=offset, severity=severity, rule=rule, message=message)
