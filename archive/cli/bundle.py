"""Runs wacz."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

from archive.cli.place import archive_with_files, home_named
from archive.command import BAD, DONE
from archive.model.errors import UsageError
from archive.search.query import Filters, query_words, search
from archive.store import Connection, Store
from archive.store.query.questions import check_portal
from archive.store.query.selection import (
    Selection,
    page_ids,
    selected_keys,
    selected_origins,
    with_attachments,
)
from archive.terminal import Ui, counted
from archive.warc.wacz.signature import signed_data, signing_key
from archive.work import clock
from archive.work.atomic_file import move_durably
from archive.work.export.of_pages import export_pages
from archive.work.given_file import check_given_file
from archive.work.preservation.wacz import TABLES, Bundled, Order, Signer, write_wacz
from archive.work.preservation.wacz_bag import check_bag, put_into_bag

MAX_URLS: Final = 100_000
_MAX_HITS: Final = 100_000
_MAX_SHOWN: Final = 20


def run_wacz(args: argparse.Namespace, ui: Ui) -> int:
    """Writes a bundle; exit status 1 when something that was asked for is not in it."""
    output: Path = args.output
    _check_output(output, bag=args.bag)
    software = f"gongkai {version('gongkai')}"
    signer = _signer(args.key, software)
    home = home_named(args)
    with archive_with_files(args, home) as store, ui.progress("bundling: captures") as progress:
        selection, unknown = _selection(args, store)

        def tables(connection: Connection, folder: Path) -> Sequence[Path]:
            portals, runs = selected_origins(connection, selection)
            return export_pages(
                connection,
                folder / TABLES,
                lambda: selected_keys(connection, selection),
                portals=portals,
                runs=runs,
            )

        order = Order(
            selection=selection,
            title=args.title or _title(args),
            described=_described(args),
            software=software,
            created_at=clock.now(),
            tables=tables,
            sign=signer,
        )
        bundled = write_wacz(
            store,
            home,
            output,
            order,
            on_begin=lambda count: progress.step(0, total=count),
            on_capture=progress.step,
            place=put_into_bag if args.bag else move_durably,
        )
    _report(ui, output, bundled, unknown)
    return BAD if unknown or bundled.left_out else DONE


def _check_output(output: Path, *, bag: bool) -> None:
    if not output.parent.is_dir():
        raise UsageError(f"{output}: there is no folder {output.parent}")
    if bag:
        check_bag(output)
    elif output.suffix != ".wacz":
        raise UsageError(f"{output}: a WACZ file ends in .wacz")
    elif output.is_dir():
        raise UsageError(f"{output} is a folder; name a file")


def _signer(key: Path | None, software: str) -> Signer | None:
    path = key or Path(os.environ.get("GONGKAI_WACZ_KEY") or "")
    if not path.name:
        return None
    check_given_file(path)
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the signing key {path} cannot be read: {error.strerror}") from error
    passphrase = os.environ.get("GONGKAI_WACZ_PASSPHRASE")
    private = signing_key(pem, passphrase.encode() if passphrase else None)
    return lambda hash_, created: signed_data(private, hash_, created=created, software=software)


def _selection(args: argparse.Namespace, store: Store) -> tuple[Selection, list[str]]:
    """What is wanted, and which URLs of it the archive does not have."""
    urls = list(dict.fromkeys([*args.urls, *_listed(args.list)]))
    if len(urls) > MAX_URLS:
        raise UsageError(f"{len(urls):,} URLs are more than {MAX_URLS:,}; make several bundles")
    ids: tuple[int, ...] | None = None
    unknown: list[str] = []
    with store.read() as connection:
        for key in args.portal:
            check_portal(connection, key)
        if urls:
            found = page_ids(connection, urls)
            unknown = [url for url in urls if not found[url]]
            ids = with_attachments(connection, [each for url in urls for each in found[url]])
        if args.query:
            hits = with_attachments(connection, _hits(connection, args.query))
            ids = hits if ids is None else tuple(sorted({*ids} & {*hits}))
    selection = Selection(
        portals=tuple(args.portal),
        runs=tuple(args.run),
        from_at=_midnight(args.from_on),
        to_at=_midnight(args.to_on and args.to_on + timedelta(days=1)),
        page_ids=ids,
    )
    return selection, unknown


def _listed(path: str | None) -> list[str]:
    """The URLs of a file, one a line; empty lines and those that begin with # are left out."""
    if path is None:
        return []
    if path != "-":
        check_given_file(Path(path))
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"the list {path} cannot be read: {why}") from error
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise UsageError(f"the list {path} names no URL")
    return found


def _hits(connection: Connection, query: str) -> list[int]:
    query_words(query)
    answer = search(connection, query, Filters(), limit=_MAX_HITS)
    if answer.more or answer.approximate:
        raise UsageError(f"the query {query!r} finds too many pages; give a longer one")
    found = page_ids(connection, [hit.url for hit in answer.hits])
    return [each for ids in found.values() for each in ids]


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _described(args: argparse.Namespace) -> dict[str, object]:
    given = {
        "portals": args.portal,
        "runs": args.run,
        "from": args.from_on and args.from_on.isoformat(),
        "to": args.to_on and args.to_on.isoformat(),
        "query": args.query,
        "urls": args.urls or bool(args.list) or None,
    }
    return {name: value for name, value in given.items() if value}


def _title(args: argparse.Namespace) -> str:
    parts = [*args.portal, *(f"run {run}" for run in args.run)]
    if args.query:
        parts.append(args.query)
    if args.from_on or args.to_on:
        parts.append(f"{args.from_on or '…'} to {args.to_on or '…'}")
    return f"政府信息公开 archive: {', '.join(parts) or 'all captures'}"


def _report(ui: Ui, output: Path, bundled: Bundled, unknown: Iterable[str]) -> None:
    lost = [f"not in the archive: {url}" for url in unknown]
    lost += [f"left out: {line}" for line in bundled.left_out]
    for line in lost[:_MAX_SHOWN]:
        ui.note(line)
    if len(lost) > _MAX_SHOWN:
        ui.note(f"and {len(lost) - _MAX_SHOWN:,} more")
    if ui.as_json:
        ui.json(
            {
                "file": str(output),
                "captures": bundled.captures,
                "shown": bundled.shown,
                "repeated": bundled.repeated,
                "pages": bundled.pages,
                "extra_pages": bundled.extra_pages,
                "left_out": lost,
            }
        )
        return
    line = f"{output}: {counted(bundled.captures, 'capture')}"
    if bundled.shown:
        line += f", {bundled.shown:,} that pages show"
    if bundled.repeated:
        line += f" and {bundled.repeated:,} that they repeat"
    pages = f"{counted(bundled.pages, 'page')} and {counted(bundled.extra_pages, 'extra page')}"
    ui.line(f"{line}, {pages}" + (f"; {len(lost):,} left out" if lost else ""))
