"""Runs withdraw."""

import argparse
import getpass
import os

from archive.command import DONE, ledger_of
from archive.model.errors import UsageError
from archive.store import Store
from archive.store.query.withdrawals import standing_withdrawals
from archive.store.write.withdrawals import restore, withdraw
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.open_archive import open_archive
from archive.work.query.find_page import find_page
from archive.work.query.show import version_of

MAX_REASON = 1_000

_COLUMNS = (
    Column(key="url", heading="url"),
    Column(key="version", heading="version", right=True),
    Column(key="withdrawn_at", heading="withdrawn"),
    Column(key="withdrawn_by", heading="by"),
    Column(key="reason", heading="reason", elastic=True),
)


def run_withdraw(args: argparse.Namespace, ui: Ui) -> int:
    """Withdraws, brings back, or lists what is withdrawn."""
    reason = _reason(args)
    with open_archive(ledger_of(args)) as store:
        if args.url is None:
            _list(store, ui)
            return DONE
        page = find_page(store, args.url)
        if args.version is not None:
            version_of(store, page, args.version)
        by, at = args.by or os.environ.get("GONGKAI_CONTACT") or _login(), clock.now()
        with store.write() as connection:
            if args.undo:
                restore(connection, page.page_id, args.version, reason=reason, by=by, at=at)
            else:
                withdraw(connection, page.page_id, args.version, reason=reason or "", by=by, at=at)
    if ui.as_json:
        ui.json({"url": page.key, "version": args.version, "withdrawn": not args.undo,
                 "reason": reason, "by": by, "at": at})  # fmt: skip
        return DONE
    what = page.key if args.version is None else f"{page.key} version {args.version}"
    ui.line(f"{what} is {'in public view again' if args.undo else 'withdrawn from public view'}")
    return DONE


def _reason(args: argparse.Namespace) -> str | None:
    """In one line. UsageError: it is missing, too long, or for nothing."""
    reason = " ".join((args.reason or "").split()) or None
    if args.url is None and (reason or args.undo or args.version is not None or args.by):
        raise UsageError("which page? give its URL")
    if args.url is not None and reason is None and not args.undo:
        raise UsageError("a withdrawal needs its reason: --reason TEXT")
    if len(reason or "") > MAX_REASON:
        raise UsageError(f"the reason is longer than {MAX_REASON:,} characters")
    return reason


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user that the system has no name for
        return f"user {os.getuid()}"


def _list(store: Store, ui: Ui) -> None:
    with store.read() as connection:
        found = standing_withdrawals(connection)
    rows = [{column.key: getattr(each, column.key) for column in _COLUMNS} for each in found]
    if rows or ui.as_json:
        ui.table(rows, _COLUMNS)
    if not ui.as_json:
        ui.line(f"{counted(len(rows), 'withdrawal')} from public view")
