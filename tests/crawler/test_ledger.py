"""The ledger thread: what was not committed is never in the way of what is."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError
from archive.model.frontier import Lease
from archive.store import Store
from archive.warc.writer import recover
from archive.work.home import Home
from archive.work.ledger import Fetched, Ledger
from archive.work.verify import verify_archive
from tests.store.making import ENTRY, NOW, a_portal, begin, take
from tests.warc.making import answer, writer


def fetched(number: int) -> Fetched:
    return Fetched(
        sent=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        received=answer(b"page %d" % number),
        started_at=NOW + timedelta(seconds=number),
        elapsed_s=0.1,
        ip_address=None,
        truncated=None,
    )


def leases_of(store: Store, count: int) -> list[Lease]:
    entries = [f"{ENTRY}{number}.html" for number in range(count)]
    ticket = begin(store, a_portal("jiashan", *entries), pid=os.getpid())
    return take(store, ticket.run_id)


def test_a_group_that_was_not_committed_leaves_nothing_in_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.make()
    with Store.open(home.path) as store:
        leases = leases_of(store, 3)
        ledger = Ledger(store, writer(home.warc))
        ledger.keep(leases[0], fetched(0)).result()
        with monkeypatch.context() as patched:
            refused = CannotRunError("the disk is full")
            patched.setattr(store, "keep", lambda *_: (_ for _ in ()).throw(refused))
            assert ledger.keep(leases[1], fetched(1)).exception() is refused
        assert ledger.keep(leases[2], fetched(2)).exception() is refused, "it would be behind it"
        ledger.close()
        recover(home.warc, store.committed_ends())
        assert len(store.captures_at(leases[0].address)) == 1
        damages = verify_archive(home, store.committed_captures(), store.committed_ends())
        assert [each.rule for each in damages] == []
