"""What commands with --job have in common: parts are put into the queue of the workers; and for
which worker a part is done.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import timedelta

from archive.command import DONE
from archive.environment import database_named
from archive.model.errors import UsageError
from archive.search.index import open_indexed
from archive.store import Store
from archive.terminal import Ui, counted
from archive.work.ingest.open_to_crawl import Seat
from archive.work.jobs.parts import Part, put_parts
from archive.work.jobs.queue import app_for, prepare


def refuse_without_workers() -> str:
    """The ledger that workers share. UsageError: it is on SQLite, or a library is missing."""
    place = database_named()
    if place is None:
        raise UsageError(
            "--job is for workers, which share an archive on PostgreSQL (GONGKAI_DATABASE_URL); on"
            " one machine leave it out"
        )
    app_for(place)
    return place


def put_into_queue(ui: Ui, parts: Sequence[Part]) -> int:
    """Puts parts into the queue and says how many; the exit status. Errors as in
    `refuse_without_workers`.
    """
    place = refuse_without_workers()
    with open_indexed(place) as store:
        new = asyncio.run(_put(place, store, parts))
    if ui.as_json:
        ui.json({"enqueued": new, "waiting": len(parts) - new})
    else:
        ui.line(
            f"{counted(new, 'job')} enqueued, {len(parts) - new} wait already; workers do them"
            " (`gongkai worker --status` tells how far they are)"
        )
    return DONE


async def _put(place: str, store: Store, parts: Sequence[Part]) -> int:
    app = app_for(place)
    async with app.open_async():
        await prepare(store, app)
        return await put_parts(app, parts)


def seat_of(args: argparse.Namespace, portal: str = "") -> Seat | None:
    """For which worker a command is done as a part; None: for whoever typed it. portal: of which
    portal, by key.
    """
    worker = getattr(args, "worker", None)
    if worker is None:
        return None
    return Seat(worker=worker, visit=portal, lasts=timedelta(seconds=args.lasts))
