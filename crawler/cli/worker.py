"""Runs worker and schedule."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path

from archive import supervisor
from archive.cli.ocr import MISSING, reads_pictures
from archive.cli.place import home_named
from archive.command import DONE, INTERRUPTED, home_of
from archive.environment import (
    alerts_named,
    database_named,
    metrics_file_named,
    min_free_named,
    ocr_minutes_named,
)
from archive.model.errors import UsageError
from archive.model.portal import Portal
from archive.search.index import open_indexed
from archive.store import Store
from archive.terminal import Ui
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.health.notify import services_named
from archive.work.jobs.parts import QueueState, queue_state
from archive.work.jobs.queue import Enqueued, app_for, enqueue_due, prepare, workers_alive
from archive.work.jobs.upkeep import tidy
from archive.work.jobs.worker import LASTS, NAME, Work, Worker
from archive.work.preservation.seal.keys import key_named
from crawler.contact import ask_for_contact, left_out
from crawler.job import log_to

LEASE_VARIABLE = "GONGKAI_WORKER_LEASE_S"
# What runs a module of ours.
PYTHON: tuple[str, ...] = (sys.executable, "-m")
logger = logging.getLogger(__name__)


def run_worker(args: argparse.Namespace, ui: Ui) -> int:
    """Works until it is told to end; the exit status is that of an interrupted command. --status
    tells what the queue holds instead.
    """
    if args.status:
        return _show_state(ui)
    path = home_of(args)
    home, name = home_named(args), _name(args.name)
    place = _place()
    app_for(place)
    ask_for_contact(_portals(path), os.environ.get("GONGKAI_CONTACT"))
    # What cannot be used is told before anything is visited.
    key_named(home), metrics_file_named(), services_named(alerts_named()), min_free_named()
    home.make()
    log_to(home, f"worker-{name}.log")
    logger.setLevel(logging.INFO)
    common = ["--home", str(path)]
    lasts = _lasts()
    if ocr_minutes_named() and not reads_pictures():
        _say(ui, f"this worker reads no pictures: {MISSING}")

    def visit(key: str, number: int, named: bool) -> Sequence[str]:  # noqa: FBT001 - a callback
        log = f"worker-{name}-{number + 1}.log"
        options = ["--worker", name, "--lasts", str(lasts.total_seconds()), "--log", log]
        asked = ["--named"] if named else []
        return [*PYTHON, "crawler.visit", key, *common, *options, *asked]

    def part(command: Sequence[str]) -> Sequence[str]:
        options = ["--worker", name, "--lasts", str(lasts.total_seconds())]
        return [*PYTHON, "archive.cli.part", *options, *command, *common]

    seal = ["--seal"] if args.seal else []
    work = Work(
        place=place,
        name=name,
        at_once=args.concurrency,
        lasts=lasts,
        portals=partial(_portals, path),
        visit=visit,
        part=part,
        upkeep=[*PYTHON, "archive.cli.upkeep", *common, *seal],
        tidy=lambda store: tidy(home, store, name),
        say=partial(_say, ui),
        reads_pictures=reads_pictures(),
        ready=supervisor.ready,
        alive=supervisor.alive,
    )
    asyncio.run(Worker(work).run())
    return INTERRUPTED


def _show_state(ui: Ui) -> int:
    place = _place()
    app_for(place)
    with open_indexed(place) as store:
        state = asyncio.run(_state(place, store))
        workers = workers_alive(store)
    if ui.as_json:
        ui.json({"workers": workers, **asdict(state)})
        return DONE
    ui.line(f"workers: {', '.join(workers) or 'none'}")
    for kind in sorted({*state.waiting, *state.under_way}):
        ui.line(
            f"{kind}: {state.under_way.get(kind, 0):,} under way,"
            f" {state.waiting.get(kind, 0):,} wait"
        )
    for command, said in state.given_up.items():
        ui.line(f"given up: {command}: {said}; by hand it says more, with --job it is tried again")
    return DONE


async def _state(place: str, store: Store) -> QueueState:
    app = app_for(place)
    async with app.open_async():
        await prepare(store, app)
        return await queue_state(app)


def run_schedule(args: argparse.Namespace, ui: Ui) -> int:
    """Puts visits into the queue and says how many."""
    catalogue, place = _portals(home_of(args)), _place()
    app_for(place)
    wanted = [find_portal(catalogue, key) for key in dict.fromkeys(args.keys)] or catalogue
    ask_for_contact(wanted, os.environ.get("GONGKAI_CONTACT"))
    with open_indexed(place) as store:
        done = asyncio.run(_schedule(place, store, wanted, named=bool(args.keys)))
    if ui.as_json:
        lists = {"enqueued": done.portals, "waiting": done.waiting, "taken_up": done.taken_up}
        ui.json({name: list(keys) for name, keys in lists.items()})
        return DONE
    ui.line(
        f"{len(done.portals)} visits enqueued, {len(done.waiting)} wait or are under way already"
        + (f"; {len(done.taken_up)} taken up from workers that are gone" if done.taken_up else "")
    )
    return DONE


async def _schedule(
    place: str, store: Store, portals: Sequence[Portal], *, named: bool
) -> Enqueued:
    app = app_for(place)
    async with app.open_async():
        await prepare(store, app)
        return await enqueue_due(app, store, portals, named=named, lasts=_lasts())


def _place() -> str:
    """The ledger, which only PostgreSQL lets several machines share. UsageError: it is a file."""
    place = database_named()
    if place is None:
        raise UsageError(
            "workers share an archive on PostgreSQL: set GONGKAI_DATABASE_URL"
            " (postgresql+psycopg://user@host/name); on one machine `gongkai crawl --due` does"
        )
    return place


def _portals(path: Path) -> list[Portal]:
    """The catalogue as it is now, without what nobody asked for."""
    catalogue = load_catalogue(path)
    absent = {portal.key for portal in left_out(catalogue, os.environ.get("GONGKAI_CONTACT"))}
    return [portal for portal in catalogue if portal.key not in absent]


def _name(given: str | None) -> str:
    name = given or socket.gethostname()
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a worker: give --name letters, digits, dots and hyphens, 40"
            " at most"
        )
    return name


def _lasts() -> timedelta:
    given = os.environ.get(LEASE_VARIABLE) or LASTS.total_seconds()
    try:
        found = timedelta(seconds=float(given))
    except (ValueError, OverflowError):
        found = timedelta(0)
    if not timedelta(seconds=3) <= found <= timedelta(hours=1):
        raise UsageError(f"{LEASE_VARIABLE}: {given!r} is no number of seconds, 3 to 3600")
    return found


def _say(ui: Ui, line: str) -> None:
    logger.info("%s", line)
    ui.line(line)
    ui.out.flush()
