"""Done once, when it is imported, what every command does at first and remembers: a ledger is made,
the codebook filled in, a page read, a small archive filled, asked and sealed, so that the statements
of a crawl are compiled. What is loaded then is frozen: no collection of garbage goes through it in a
child, which would copy it.
"""

import gc
from pathlib import Path
from tempfile import TemporaryDirectory

import crawler.cli
from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read
from archive.store.query.verdicts import portal_facts
from archive.work import clock
from archive.work.health.run_report import run_report
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.preservation.seal.make import make_seal
from tests.support import copied, fresh_ledger, shared_parsers, shared_statements
from tests.support.site import pages_of
from tests.support.transactions import commit

PATH = "/nb/1.html"

fresh_ledger.make_from_the_first()
shared_statements.compile_once()
shared_parsers.build_once()
crawler.cli.build_parser()

with TemporaryDirectory() as folder, copied.copied(folder) as store:
    commit(store, portal_facts, 1)
    cover(store, None, now=clock.now())
    run_report(store, 1, now=clock.now())
    make_seal(Home(Path(folder)), store, None)

read(
    Source(
        url=f"http://127.0.0.1{PATH}", body=pages_of(2)[PATH].encode(), media_type="text/html",
        charset=None, role=Role.PAGE, family=None,
    )
)  # fmt: skip

gc.freeze()
