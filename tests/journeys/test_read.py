"""`gongkai read`: one page as the reader sees it, and why, without an archive."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import Gongkai
from tests.support.site import pages_of, site_of

REPORT = """<html><head><meta charset="utf-8"><title>云溪县2021年政府信息公开工作年度报告</title>
<meta name="ArticleTitle" content="云溪县2021年政府信息公开工作年度报告"></head><body>
<table class="xxgk"><tr><td>索引号：</td><td>000014349/2022-00001</td><td>发布机构：</td><td>云溪县人民政府</td></tr>
</table><div id="zoom"><p>{prose}</p></div></body></html>""".replace(
    "{prose}", "2021年，本县主动公开政府信息469条，收到政府信息公开申请12件。" * 4
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    page = tmp_path / "t1.html"
    page.write_text(REPORT, encoding="utf-8")
    return page


def test_a_saved_page_is_read_and_told_why(gongkai: Gongkai, saved: Path) -> None:
    out = gongkai.run(
        "read", str(saved), "--url", "http://www.yunxi.gov.cn/nb/t1.html", "--explain"
    )
    assert "云溪县2021年政府信息公开工作年度报告" in out
    for told in ("div#zoom", "meta:ArticleTitle", "header:发布机构", "utf-8", "header box 1"):
        assert told in out, told
    assert not gongkai.home.exists()


def test_the_explanation_is_json_for_scripts(gongkai: Gongkai, saved: Path) -> None:
    told = json.loads(gongkai.run("read", str(saved), "--explain", "--json"))
    assert told["container"] == "div#zoom"
    assert told["container_certain"] is True
    assert told["boxes"][0]["labels"] == ["索引号", "发布机构"]
    assert told["reading"]["report_year"] == 2021
    assert "--url" in gongkai.stderr


def test_what_it_is_asked_for_as_decides(gongkai: Gongkai, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(pages_of(25)["/nb/index.html"], encoding="utf-8")
    url = "http://127.0.0.1/nb/index.html"
    told = json.loads(
        gongkai.run("read", str(page), "--as", "list", "--explain", "--json", "--url", url)
    )
    assert told["read_as"] == "list: 20 items and 1 further pages"


def test_a_url_is_visited_once_and_nothing_is_kept(gongkai: Gongkai) -> None:
    with site_of(5) as running:
        out = gongkai.run("read", running.entry.replace("index", "3"))
        assert "第3镇2020年政府信息公开工作年度报告" in out
        assert running.requests["/nb/3.html"] == 1
        assert running.requests["/nb/index.html"] == 0
    assert not gongkai.home.exists()


def test_modules_in_the_folder_where_one_stands_are_none_of_ours(tmp_path: Path) -> None:
    """A Django project has a settings.py; the visit is a process of its own."""
    (tmp_path / "settings.py").write_text("DEBUG = True\n")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "__init__.py").touch()
    with site_of(3) as running:
        command = [sys.executable, "-P", "-m", "crawler.cli", "read"]
        command.append(running.entry.replace("index", "1"))
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "第1镇2020年" in done.stdout


def test_an_archived_page_is_read_again_without_the_server(gongkai: Gongkai) -> None:
    with site_of(3) as running:
        gongkai.crawl(running.entry)
        url = running.entry.replace("index", "1")
    assert "第1镇2020年" in gongkai.run("read", "--archived", url)


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["nothing.html"], 2, "No such file"),
        (["http://[::1/"], 2, "is not an http(s) URL"),
        (["http://127.0.0.1:1/x"], 4, "refused"),
        (["http://www.example.org/"], 2, "GONGKAI_CONTACT"),
        (["--archived", "http://www.example.org/"], 2, "no archive"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    gongkai: Gongkai, arguments: list[str], status: int, told: str
) -> None:
    gongkai.run("read", *arguments, status=status)
    assert told in gongkai.stderr
    assert gongkai.stderr.count("\n") == 1


def test_an_unknown_family_is_named_with_the_known(gongkai: Gongkai, saved: Path) -> None:
    gongkai.run("read", str(saved), "--family", "trz", status=2)
    assert "trs" in gongkai.stderr
