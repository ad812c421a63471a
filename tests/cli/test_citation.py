"""cite as people type it."""

import json

import pytest

from tests.support.invented import YUNHE, url

pytestmark = pytest.mark.usefixtures("on_each_engine")


def test_a_citation_is_two_lines(gongkai):
    done = gongkai("cite", url(YUNHE, 2021))
    chinese, english = done.stdout.decode().splitlines()
    assert chinese.startswith(
        "云河县人民政府办公室. 云河县2021年政府信息公开工作年度报告[EB/OL]. (2022-03-10)"
    )
    assert "Archived version 2, captured 2026-04-02T01:30:00.000000Z" in english


def test_json_has_every_value(gongkai):
    done = gongkai(
        "cite", url(YUNHE, 2021), "--version", "1", "--json", "--replay-url", "http://r/a/"
    )
    cited = json.loads(done.stdout)
    assert cited["captured_at"] == "2026-03-02T01:30:00.000000Z"
    assert cited["snapshot"] == f"http://r/a/20260302013000/{url(YUNHE, 2021)}"
    assert {"content_hash", "reader_version", "warc_file", "warc_offset", "bibtex"} <= set(cited)


def test_bibtex_is_one_entry(gongkai):
    done = gongkai("cite", url(YUNHE, 2021), "--bibtex")
    first, *_, last = done.stdout.decode().splitlines()
    assert first.startswith("@misc{gongkai-")
    assert last == "}"


def test_a_capture_whose_file_is_gone_is_told(gongkai):
    done = gongkai("cite", url(YUNHE, 2021))  # the invented archive has no WARC files
    assert done.returncode == 1
    assert b"is gone; see gongkai verify" in done.stderr


def test_an_unknown_page_is_refused_with_near_ones(gongkai):
    done = gongkai("cite", "http://www.yunhe.example/nb/202203/t20220310_2020.htm")
    assert done.returncode == 2
    assert b"nearest" in done.stderr
