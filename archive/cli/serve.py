"""Runs serve."""

import argparse
import os
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from archive.cli.covered import covered_now
from archive.cli.place import home_named, may_be_crawled, url_or_none
from archive.command import DONE, home_of, ledger_of
from archive.environment import min_free_named
from archive.terminal import Ui
from archive.work import clock
from archive.work.catalogue.load import catalogue_keys, load_catalogue
from archive.work.corrections.corrections_file import CorrectionsKept
from archive.work.open_archive import open_archive, open_for_serving
from archive.work.query.pictures import Pictures

if TYPE_CHECKING:
    from archive.web.monitoring import Monitoring

_PUBLIC_RATE = 300


def run_serve(args: argparse.Namespace, ui: Ui) -> int:
    """Serves pages and API until interrupted."""
    # Imported here: the web parts take 0.3 s that no other command needs.
    from archive.web.serving import WITHIN_S, Listening, serve  # noqa: PLC0415

    usual = _PUBLIC_RATE if args.public else 0
    listening = Listening(
        host=args.host,
        port=args.port,
        public=args.public,
        hosts=tuple(args.allowed_host),
        proxies=tuple(args.proxy),
        per_minute=usual if args.rate is None else args.rate,
    )
    listening.check()
    with open_archive(ledger_of(args)) as store:
        covered_now(store, load_catalogue(home_of(args)), ui, now=clock.now())
    with (
        open_for_serving(ledger_of(args), within_s=WITHIN_S) as store,
        closing(Pictures(home_named(args).files)) as pictures,
    ):
        serve(
            store,
            listening=listening,
            replay=url_or_none(args.replay, "--replay-url"),
            crawling=partial(may_be_crawled, args),
            catalogue=partial(catalogue_keys, home_of(args)),
            announce=ui.announce,
            monitoring=_monitoring(args),
            draw=pictures.picture,
            corrections=CorrectionsKept(home_of(args)),
        )
    return DONE


def _monitoring(args: argparse.Namespace) -> "Monitoring":
    """The numbers of the archive, for this machine; on a public server for who has the token."""
    from archive.web.monitoring import Monitoring  # noqa: PLC0415 - see above
    from archive.work.health.metrics import exposition, measure  # noqa: PLC0415 - as the web parts

    home, min_free = home_named(args), min_free_named()
    return Monitoring(
        measure=lambda store: exposition(measure(store, home, now=clock.now(), min_free=min_free)),
        token=os.environ.get("GONGKAI_METRICS_TOKEN") or None,
        is_open=not args.public,
    )
