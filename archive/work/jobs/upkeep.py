"""What one worker does for all behind their visits, as a job of its own: what follows from all
versions together, the next seal. And what each does for itself: files that its visits or those of
dead workers left open in its folder are closed, closed ones go to the bucket.

Killed at any instant it is only begun anew: every part of it is brought up to date, none is counted
on.
"""

import re
import time
from functools import partial
from pathlib import Path
from typing import Final

from archive.search.index import open_indexed
from archive.store import Store
from archive.store.frontier.worker_leases import WORKER, live_leases, now_there
from archive.store.write.captures import archive_id, committed_ends
from archive.warc.growing import OPEN_SUFFIX, is_growing
from archive.warc.recovery import recover
from archive.warc.writer import PREFIX
from archive.work import clock
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.ingest.derived import bring_up_to_date
from archive.work.open_archive import open_archive
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run
from archive.work.preservation.upload import moving_alone, upload

# Between the making of a file and its lock passes less.
_BEGUN_S: Final = 2.0
_OF_WORKER: Final = re.compile(rf"{PREFIX}-(?P<worker>.+)-\d{{14}}-\d{{5}}-")


def keep_up(home: Home, place: str | Path, *, seal: bool) -> tuple[str, ...]:
    """Brings up to date what follows from all versions, and seals the archive; a line for each
    thing that a person should know.
    """
    with open_indexed(place) as store:
        with store.read() as connection:
            clock.follow(now_there(connection))
        bring_up_to_date(store)
        cover(store, None, now=clock.now())
    return seal_run(home, partial(open_archive, place), key_named(home)) if seal else ()


def tidy(home: Home, store: Store, worker: str) -> tuple[str, ...]:
    """Puts the folder of a worker in order; a line for each thing that a person should know. Errors
    as in `recover` and `upload`.
    """
    lines = put_in_order(home, store, worker)
    with moving_alone(home) as is_mine:
        return (*lines, *upload(home, store, here_only=True).problems) if is_mine else lines


def put_in_order(home: Home, store: Store, worker: str) -> tuple[str, ...]:
    """Closes the WARC files in the folder that this worker's visits or a dead worker left open; a
    line for each. Errors as in `recover`.
    """

    def is_left(path: Path) -> bool:
        of = _OF_WORKER.match(path.name)
        return of is not None and (of["worker"] == worker or of["worker"] not in alive)

    with store.read() as connection:
        ends, owner = committed_ends(connection), archive_id(connection)
        held = live_leases(connection)
    alive = {key.removeprefix(WORKER) for key in held if key.startswith(WORKER)}
    left = set(filter(is_left, home.warc.glob(f"*{OPEN_SUFFIX}")))
    still = {path for path in left if not is_growing(path)}
    if not still:
        return ()
    time.sleep(_BEGUN_S)
    with store.read() as connection:
        ends = committed_ends(connection)
    return tuple(
        recover(
            home.warc,
            ends,
            archive_id=owner,
            wanted=lambda path: path in still and not is_growing(path),
        )
    )
