"""Families are recognised by their marks, on pages of our own and on real ones."""

import csv
import os
from pathlib import Path

import pytest
from lxml import html

from archive.families.registry import families, family, recognise

PAGES = Path(os.environ.get("GONGKAI_SHARED", Path(__file__).parents[3] / "shared")) / "pages"
FAMILY_OF = {"TRS": "trs", "hanweb": "hanweb", "NFCMS": "nfcms", "gov.cn-UCAP": "ucap"}
needs_pages = pytest.mark.skipif(
    not (PAGES / "MANIFEST.tsv").exists(), reason="the folder of saved real pages is absent"
)


def recognised(text, url):
    tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    return recognise(tree, text, url)


def real_pages():
    if not (PAGES / "MANIFEST.tsv").exists():
        return []
    with (PAGES / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def test_the_families_are_those_that_are_documented():
    assert {known.key for known in families()} == {
        "aspnet", "epoint", "gkmlpt", "hanweb", "lonsun", "nfcms",
        "openness", "trs", "truecms", "ucap", "vsb",
    }  # fmt: skip


def test_every_mark_and_pager_names_its_source():
    rows = [row for known in families() for row in (*known.fingerprints, *known.pagers)]
    assert all(row.source for row in rows)


def test_every_selector_of_every_family_can_be_compiled():
    from lxml.cssselect import CSSSelector

    for known in families():
        for css in (*known.body, *known.title, *known.metadata_box):
            CSSSelector(css)


def test_an_unknown_family_is_a_key_error():
    with pytest.raises(KeyError):
        family("nobody")


def test_an_url_of_one_family_alone_decides():
    known = recognised("<html></html>", "http://x.example/art/2017/2/22/art_1_2.html")
    assert known.key == "hanweb"


def test_one_weak_mark_is_evidence_but_not_a_family():
    known = recognised("<html><div class='TRS_Editor'></div></html>", "http://x.example/a.html")
    assert (known.key, known.evidence) == (None, ("text:TRS_Editor",))


def test_a_page_without_marks_has_no_family():
    assert recognised("<html><p>年报</p></html>", "http://x.example/").key is None


def test_a_mark_at_the_end_of_a_huge_page_is_seen():
    text = f"<html><p>{'年' * 400_000}</p><script>createPageHTML(2, 0, 'index', 'html')</script>"
    assert recognised(text, "http://x.example/").key == "trs"


@needs_pages
@pytest.mark.parametrize("row", real_pages(), ids=lambda row: row["id"])
def test_a_real_page_shows_its_family(row):
    text = (PAGES / f"{row['id']}.html").read_text("utf-8", errors="replace")
    wanted = next((key for mark, key in FAMILY_OF.items() if row["cms"].startswith(mark)), None)
    assert recognised(text, row["url"] or "http://x.example/").key == wanted
