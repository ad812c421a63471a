"""Runs serve."""

import argparse
from functools import partial

from archive.cli.place import may_be_crawled, url_or_none
from archive.command import DONE, home_of, ledger_of
from archive.terminal import Ui
from archive.work import clock
from archive.work.catalogue.load import load_catalogue
from archive.work.open_archive import open_archive, open_for_serving
from archive.work.query.coverage import keep_covered

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
        keep_covered(store, load_catalogue(home_of(args)), now=clock.now(), note=ui.note)
    with open_for_serving(ledger_of(args), within_s=WITHIN_S) as store:
        serve(
            store,
            listening=listening,
            replay=url_or_none(args.replay, "--replay-url"),
            crawling=partial(may_be_crawled, args),
            announce=ui.announce,
        )
    return DONE
