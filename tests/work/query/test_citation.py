"""A version as it is cited."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.model.errors import NotFoundError, UsageError
from archive.search.index import open_indexed
from archive.store.query.citations import CitationRow
from archive.work.query.citation import (
    bibtex,
    chinese_citation,
    citation_of,
    english_citation,
)
from tests.support.invented import YUNHE, url

CITED = CitationRow(
    url="http://www.x.example/t.htm?a=1&b={2}", version=2, title="2024年年度报告", body="嘉善县人民政府",
    report_year=2024, captured_at=datetime(2026, 11, 22, 8, 0, 0, 25, tzinfo=UTC),
    content_hash="g1:abc123", reader_version="4", payload_digest="sha256:AB", warc_file="a.warc.gz",
    warc_offset=77, published_on="2025-01-20", body_id=7, division="330421",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(home):
    with open_indexed(home) as opened:
        yield opened


def test_a_citation_has_who_what_when_and_where(store):
    cited = citation_of(store, url(YUNHE, 2021), 1)
    assert (cited.body, cited.version, cited.report_year) == ("云河县人民政府办公室", 1, 2021)
    assert (cited.warc_file, cited.payload_digest) == ("test.warc.gz", cited.payload_digest)
    assert cited.captured_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_without_a_number_the_latest_version_is_cited(store):
    assert citation_of(store, url(YUNHE, 2021)).version == 2


def test_unknown_pages_and_versions_are_refused(store):
    with pytest.raises(NotFoundError, match="nearest"):
        citation_of(store, "http://www.yunhe.example/nothing")
    with pytest.raises(UsageError, match="versions 1 to 2, not 3"):
        citation_of(store, url(YUNHE, 2021), 3)


def test_the_chinese_line_is_that_of_an_electronic_resource():
    said = chinese_citation(CITED, "http://127.0.0.1:8080/archive/20261122080000/x")
    assert said.startswith("嘉善县人民政府. 2024年年度报告[EB/OL]. (2025-01-20)[2026-11-22]. http")
    assert "采集于2026-11-22T08:00:00.000025Z" in said
    assert said.endswith("快照http://127.0.0.1:8080/archive/20261122080000/x.")


def test_what_a_page_does_not_say_is_said_so():
    bare = replace(CITED, title=None, published_on=None)
    assert "无题名[EB/OL]. [2026-11-22]." in chinese_citation(bare, None)
    assert "嘉善县人民政府 (n.d.). (no title)." in english_citation(bare, None)
    assert "year =" not in bibtex(bare, None)


def test_a_report_of_nobody_known_has_no_author_but_its_host():
    unknown = replace(CITED, body=None, body_id=None)
    assert chinese_citation(unknown, None).startswith(
        "[发布机关不详]. 2024年年度报告[EB/OL]. www.x.example, (2025-01-20)[2026-11-22]. http"
    )
    assert english_citation(unknown, None).startswith(
        "[body unknown] (2025). 2024年年度报告. www.x.example. http://www.x.example/t.htm"
    )
    entry = bibtex(unknown, None)
    assert "author" not in entry
    assert "  publisher = {www.x.example}," in entry


def test_nothing_that_a_page_prints_breaks_out_of_bibtex():
    hostile = replace(CITED, title="}} @misc{x,\n a={50% & #1_\\end{b}~^$\u202e", body="{县}")
    entry = bibtex(hostile, None)
    assert r"title = {{\}\} @misc\{x, a=\{50\% \& \#1\_\textbackslash{}end\{b\}" in entry
    assert "\u202e" not in entry
    assert "url = {http://www.x.example/t.htm?a=1&b=%7B2%7D}," in entry
    depth = 0
    for place, each in enumerate(entry):
        if entry[place - 1] != "\\":
            depth += (each == "{") - (each == "}")
        assert depth >= (place > entry.index("{")) or place == len(entry) - 1
    assert depth == 0
