"""Writes a bundle for others: captures, index, pages and tables of a selection, as a WACZ file."""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

from archive.model.errors import UsageError
from archive.store import Connection, Store
from archive.store.query.selection import (
    Selection,
    count_naming,
    count_selected,
    naming_captures,
    pages_without_version,
    selected_captures,
    shown_versions,
)
from archive.store.write.captures import archive_id, committed_ends
from archive.warc.cdxj import lines_without_retried
from archive.warc.wacz.index import put_index
from archive.warc.wacz.package import (
    DIGEST,
    MANIFEST,
    About,
    digest_file,
    digest_of_manifest,
    instant,
    manifest,
)
from archive.warc.wacz.packing import Container
from archive.work.atomic_file import move_durably, workplace
from archive.work.home import Home
from archive.work.preservation.wacz_pages import Pages, put_pages, unversioned
from archive.work.preservation.wacz_records import Records
from archive.work.preservation.wacz_shown import shown_captures

TABLES: Final = "data"
_MAX_NAMED: Final = 100  # of what was left out, in the manifest
_PIECE_BYTES: Final = 1024 * 1024
# Writes the rows of the selected pages into a folder; gives the files.
TableWriter: TypeAlias = Callable[[Connection, Path], Sequence[Path]]
# The property `signedData` for a hash and an instant.
Signer: TypeAlias = Callable[[str, str], Mapping[str, str]]
# Puts a bundle that is finished where it belongs: the file, and the folder it was made in.
Placer: TypeAlias = Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to write. title, described: what the manifest says of it, for people and machines.
    sign: None leaves the bundle without a signature. created_at: the instant that it carries.
    """

    selection: Selection
    title: str
    described: Mapping[str, object]
    software: str
    created_at: datetime
    tables: TableWriter
    sign: Signer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundled:
    """What a bundle has. captures: of those that were asked for; shown, repeated: captures that are
    there because a page shows them, and because a revisit repeats them. left_out: one line for each
    that could not be read.
    """

    captures: int
    shown: int
    repeated: int
    pages: int
    extra_pages: int
    left_out: tuple[str, ...]


def write_wacz(
    store: Store,
    home: Home,
    output: Path,
    order: Order,
    *,
    on_begin: Callable[[int], None],
    on_capture: Callable[[], None],
    place: Placer = move_durably,
) -> Bundled:
    """Writes a WACZ file, of one consistent state of the ledger and in bounded memory; nothing is
    left at `output` when that fails.

    on_begin gets the number of steps: each capture that is wanted, and before that each that is
    looked into for what it shows; on_capture is called for each.
    place: how the finished file comes to `output`. UsageError: nothing is selected.
    CannotRunError: the disk refuses.
    """
    with workplace(output) as folder, store.read() as connection:
        count = count_selected(connection, order.selection)
        if not count:
            raise UsageError("nothing is selected: the archive has no such captures")
        on_begin(count + count_naming(connection, order.selection))
        naming = naming_captures(connection, order.selection)
        shown = shown_captures(connection, home.files, naming, on_capture)
        fresh = folder / "bundle.wacz"
        with fresh.open("w+b") as stream, Container(stream) as container:
            bundled = _fill(container, connection, home, folder, order, shown, on_capture)
        place(fresh, output)
    return bundled


def _fill(
    container: Container,
    connection: Connection,
    home: Home,
    folder: Path,
    order: Order,
    shown: Collection[int],
    on_capture: Callable[[], None],
) -> Bundled:
    records = Records(container, home.files, folder, on_capture)
    records.copy(selected_captures(connection, order.selection, shown), committed_ends(connection))
    if not records.count["chosen"]:
        first = records.left_out[0]
        raise UsageError(f"none of the selected captures can be read; the first: {first}")
    with _merged(records.parts) as lines:
        put_index(container, lines_without_retried(lines), folder / "index.idx")
    pages = put_pages(
        container,
        chain(
            shown_versions(connection, order.selection),
            unversioned(home.files, pages_without_version(connection, order.selection)),
        ),
        folder,
        missing=records.missing,
        uris=records.uris,
    )
    _put_tables(container, order.tables(connection, folder))
    bundled = Bundled(
        captures=records.count["chosen"],
        shown=records.count["shown"],
        repeated=records.count["repeated"],
        pages=pages.pages,
        extra_pages=pages.extra_pages,
        left_out=tuple(records.left_out),
    )
    _put_manifest(container, order, pages, bundled, archive_id(connection))
    return bundled


@contextmanager
def _merged(parts: Sequence[Path]) -> Iterator[Iterator[str]]:
    with ExitStack() as stack:
        yield heapq.merge(*(stack.enter_context(part.open(encoding="utf-8")) for part in parts))


def _put_tables(container: Container, files: Sequence[Path]) -> None:
    for path in files:
        with (
            path.open("rb") as table,
            container.entry(
                f"{TABLES}/{path.name}",
                deflated=path.suffix != ".parquet",
                at_most_bytes=path.stat().st_size,
            ) as entry,
        ):
            while piece := table.read(_PIECE_BYTES):
                entry.write(piece)


def _put_manifest(
    container: Container, order: Order, pages: Pages, bundled: Bundled, archive: str
) -> None:
    about = About(
        title=order.title,
        description=_description(bundled),
        software=order.software,
        created_at=order.created_at,
        main_url=pages.main_url,
        main_at=pages.main_at,
        extra={
            "gongkai": {
                "archive": f"urn:uuid:{archive}",
                "selection": order.described,
                "captures": bundled.captures,
                "shown": bundled.shown,
                "repeated": bundled.repeated,
                "leftOut": list(bundled.left_out[:_MAX_NAMED]),
                "leftOutCount": len(bundled.left_out),
            }
        },
    )
    content = manifest(container.resources, about)
    hash_ = digest_of_manifest(content)
    signed = order.sign(hash_, instant(order.created_at)) if order.sign else None
    container.add(MANIFEST, content)
    container.add(DIGEST, digest_file(hash_, signed))


def _description(bundled: Bundled) -> str:
    """In Markdown, as the format asks."""
    return (
        f"{bundled.captures:,} captures, {bundled.shown:,} more that their pages show and"
        f" {bundled.repeated:,} that these repeat, from an archive"
        f" of Gongkai. `{TABLES}/` has what was read from the same pages as JSON Lines and"
        f" Parquet; `{TABLES}/codebook.json` says what each column means."
    )
