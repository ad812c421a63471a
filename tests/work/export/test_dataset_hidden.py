"""What is hidden from the public is hidden in a dataset, too."""

from dataclasses import replace
from pathlib import Path

from archive.search.index import open_indexed
from archive.store.query.indexed_captures import pages_at
from archive.store.write.withdrawals import withdraw
from archive.work.export.dataset import write_dataset
from archive.work.ingest.current_reports import choose_current_reports
from tests.support.invented import DAY, PORTALS, YUNHE, Site, county, crawl, url
from tests.support.transactions import commit, fetch
from tests.work.export.test_dataset import ABOUT, ALL, quiet, rows_of


def test_personal_numbers_get_stars_and_withdrawn_words_are_null(tmp_path: Path) -> None:
    with open_indexed(tmp_path / "home") as store:
        pages = county(YUNHE, "云河县", (2021, 2022, 2023))
        named, gone = url(YUNHE, 2022), url(YUNHE, 2023)
        pages[named] = replace(pages[named], title="云河县 李某 13812345678 的年报")
        crawl(store, Site(readings=pages), now=DAY, portals=PORTALS[:1])
        choose_current_reports(store)
        [page] = fetch(store, pages_at, [gone])
        commit(store, withdraw, page.page_id, None, reason="a name", by="li", at=DAY)
        written = write_dataset(store, tmp_path / "d", ABOUT, ALL, quiet)
    titles = {row["url"]: row["title"] for row in rows_of(tmp_path / "d", "data/citations.parquet")}
    assert "13812345678" not in str(titles[named])
    assert "李某" in str(titles[named])
    assert titles[gone] is None
    assert sum(written.hidden.values()) == 1
    figures = rows_of(tmp_path / "d", "data/figures_current/*.parquet")
    assert {row["url"] for row in figures} == {url(YUNHE, 2021), named, gone}
