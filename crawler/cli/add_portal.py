"""`gongkai portals add`: looks at a portal, shows its annual-report section, writes its row."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from archive.command import BAD, DONE, home_of, ledger_of
from archive.environment import database_named, min_free_named, warc_named
from archive.model.errors import CannotRunError, UsageError
from archive.model.outcome import Verdict
from archive.model.portal import Portal
from archive.model.url import canonical
from archive.store import Store
from archive.terminal import Ui
from archive.work.catalogue.discover import Discovery, Section, discover, lines_of
from archive.work.catalogue.import_csv import add_portals, readable_key, toml_row
from archive.work.catalogue.load import load_catalogue, portals_of
from archive.work.home import USER_FILE, Home
from crawler.job import crawl
from crawler.options import CrawlRequest

SHOWN_ITEMS = 3
MAX_ENTRIES = 8
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def run_add(args: argparse.Namespace, ui: Ui) -> int:
    """Visits a portal and adds its row."""
    home = home_of(args)
    new_portal = _new_portal(args, home)
    _visit(args, new_portal, ui)
    found = _discovered(args, new_portal.entries[0])
    row = _row(args, new_portal, found)
    if found.sections and not args.dry_run:
        add_portals(home, [row])
    if ui.as_json:
        written = bool(found.sections) and not args.dry_run
        ui.json({"found": found, "row": row, "written": written})
    else:
        _tell(found, row, ui)
    if not found.sections:
        ui.error("no list of annual reports was found; give the URL of the list itself")
        return BAD
    if not ui.as_json:
        where = f"added to {home / USER_FILE}; crawl it with: gongkai crawl {row.key}"
        ui.line("dry run: no row was written" if args.dry_run else where)
    return DONE


def _new_portal(args: argparse.Namespace, home: Path) -> Portal:
    """The portal as the command line names it. UsageError: no URL, or in the catalogue."""
    url = canonical(args.url if "://" in args.url else f"http://{args.url}")
    if url is None:
        raise UsageError(f"{args.url} is not an http(s) URL")
    if args.key and not _KEY.fullmatch(args.key):
        raise UsageError("--key: letters, digits, - and _, at most 64")
    catalogue = load_catalogue(home)
    for portal in catalogue:
        if url in portal.entries:
            raise UsageError(f"{url} is in the catalogue already, as {portal.key}")
    keys = {portal.key for portal in catalogue}
    if args.key in keys:
        raise UsageError(f"the catalogue has a portal {args.key} already; choose another --key")
    portal = Portal(
        key=args.key or readable_key(url, keys),
        name=args.name or urlsplit(url).netloc,
        entries=(url,),
        division=args.division,
        allow_private=args.allow_private,
        source="ad-hoc",
    )
    portals_of(toml_row(portal), file="the command line", source="user")
    return portal


def _visit(args: argparse.Namespace, new_portal: Portal, ui: Ui) -> None:
    """Crawls as far as the sections. A portal that cannot be reached shows in what was found."""
    request = CrawlRequest(
        home=home_of(args),
        delay_s=args.delay,
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_named(),
        min_free=min_free_named(),
        new_portal=new_portal,
    )
    judgement = crawl(request)
    if judgement.verdict is Verdict.INTERRUPTED and judgement.could_not_run:
        raise CannotRunError(judgement.reason)
    if judgement.verdict is Verdict.INTERRUPTED:
        raise KeyboardInterrupt
    if judgement.verdict is Verdict.BAD:
        ui.note(f"the visit: {judgement.reason}")


def _discovered(args: argparse.Namespace, url: str) -> Discovery:
    with Store.open(ledger_of(args), read_only=True) as store:
        return discover(store, Home(home_of(args), warc_named()).files, url)


def _row(args: argparse.Namespace, new_portal: Portal, found: Discovery) -> Portal:
    return Portal(
        key=new_portal.key,
        name=args.name or found.name or new_portal.name,
        entries=_entries(found.sections) or new_portal.entries,
        division=args.division or found.division,
        family=found.family,
        delay_s=args.delay,
        allow_private=new_portal.allow_private,
        source="user",
    )


def _entries(sections: Sequence[Section]) -> tuple[str, ...]:
    """The sections themselves; the way to them where they are too many, or none was read."""
    listed = tuple(each.url for each in sections if each.items or each.further_pages)
    return listed if len(listed) <= MAX_ENTRIES else ()


def _tell(found: Discovery, row: Portal, ui: Ui) -> None:
    for line in lines_of(found, most_items=SHOWN_ITEMS):
        ui.line(line)
    if found.sections:
        ui.line(f"\n{toml_row(row)}")
