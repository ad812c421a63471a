"""One filled archive, on PostgreSQL too where one is offered, and the commands over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Store
from archive.store.query.indexed_captures import pages_at
from archive.store.query.similarity import reports_to_compare
from archive.store.write.similarity import store_similar
from archive.store.write.withdrawals import restore, withdraw
from archive.work.open_archive import open_archive
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import DAY, YUNHE, fill, url
from tests.support.invented_home import gongkai, gongkai_process, home
from tests.support.transactions import commit, fetch

__all__ = ["gongkai", "gongkai_process", "home"]


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """The filled archive, in which a page was withdrawn and came back."""
    folder = tmp_path_factory.mktemp("export") / "home"
    with ledger_on(request.param, folder) as place:
        if request.param == "sqlite":
            shutil.copytree(home, folder)
        else:
            fill(place).close()
        with open_archive(folder if request.param == "sqlite" else place) as opened:
            [page] = fetch(opened, pages_at, [url(YUNHE, 2021)])
            commit(opened, withdraw, page.page_id, None, reason="a name", by="li", at=DAY)
            commit(opened, restore, page.page_id, None, reason="corrected", by="li", at=DAY)
            earlier, later, *_ = sorted(fetch(opened, reports_to_compare))
            commit(opened, store_similar, {(later, earlier): 0.95})
            yield opened
