"""A small archive for bundles: a GBK report with a table and a file, visited twice (200, then 304),
and what its bundle has.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from openpyxl import Workbook

from archive.cli import main
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

Wacz = Callable[..., Path]
LIST, REPORT, OTHER, FILE = "/nb/index.html", "/nb/1.html", "/nb/2.html", "/nb/1.xlsx"
TITLE = "甲镇2020年政府信息公开工作年度报告"
_HEAD = '<html><head><meta charset="{charset}"><title>{title}</title></head><body>'


def answers_of(visit: int) -> dict[str, bytes]:
    """What the site answers at a visit, from 1."""
    items = "".join(
        f'<li><a href="{path}">{name}2020年政府信息公开工作年度报告</a><span>2021-01-0{visit}</span></li>'
        for path, name in ((REPORT, "甲镇"), (OTHER, "乙镇"))
    )
    listed = f'{_head("utf-8", "政府信息公开年报")}<ul class="list">{items}</ul></body></html>'
    answers = {LIST: page(listed), OTHER: page(_report("乙镇", "utf-8"))}
    report = _report("甲镇", "gbk").encode("gbk")
    answers[REPORT] = page(report, headers='ETag: "1"\r\n').replace(
        b"charset=utf-8", b"charset=gbk"
    )
    answers[FILE] = page(_workbook()).replace(b"text/html; charset=utf-8", b"application/x-xlsx", 1)
    if visit > 1:
        answers[REPORT] = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 0\r\n\r\n'
    return answers


def _workbook() -> bytes:
    book = Workbook()
    book.active.append(["申请", 3])
    book.save(file := io.BytesIO())
    return file.getvalue()


def _head(charset: str, title: str) -> str:
    return _HEAD.format(charset=charset, title=title)


def _report(name: str, charset: str) -> str:
    title = f"{name}2020年政府信息公开工作年度报告"
    text = f"<p>2020年，{name}主动公开政府信息17条，收到政府信息公开申请3件，均已答复。</p>" * 3
    table = "<table><tr><td>申请</td><td>3</td></tr><tr><td>答复</td><td>3</td></tr></table>"
    link = f'<a href="{FILE}">附件：统计表.xlsx</a>' if charset == "gbk" else ""
    body = f'<h1>{title}</h1><div id="zoom">{text}{table}{link}</div>'
    return f"{_head(charset, title)}{body}</body></html>"


def crawl_twice(home: Path, server: RawServer) -> Gongkai:
    """The archive after both visits."""
    gongkai = Gongkai(home)
    for visit in (1, 2):
        server.answers.update(answers_of(visit))
        gongkai.crawl(server.url + LIST, *(["--full"] if visit > 1 else []), status=None)
    return gongkai


class InProcess(Gongkai):
    """The archive's commands without the start of a process, which takes most of the time."""

    def run(self, *args: str, status: int | None = 0) -> str:
        """Standard output, as of the parent."""
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            ended = main([*args, "--home", str(self.home)])
        self.stderr = err.getvalue()
        assert status in {None, ended}, f"{args} ended {ended}: {out.getvalue()}{self.stderr}"
        return out.getvalue()

    def crawl(self, *args: str, status: int | None = 0) -> dict[str, object]:
        """In a process: Scrapy runs once in each."""
        return Gongkai(self.home).crawl(*args, status=status)


def lines_of(path: Path, name: str) -> list[dict[str, object]]:
    """A file of JSON Lines in a bundle."""
    with zipfile.ZipFile(path) as bundle:
        return [json.loads(line) for line in bundle.read(name).decode().splitlines()]


def index_of(path: Path) -> list[tuple[str, str, dict[str, str]]]:
    """The lines of a bundle's index: key, time, fields."""
    with zipfile.ZipFile(path) as bundle:
        text = gzip.decompress(bundle.read("indexes/index.cdx.gz")).decode()
    split = [line.split(" ", 2) for line in text.splitlines()]
    return [(key, stamp, json.loads(fields)) for key, stamp, fields in split]


def unpacked(path: Path, folder: Path) -> list[Path]:
    """The WARC files of a bundle."""
    with zipfile.ZipFile(path) as bundle:
        bundle.extractall(folder)
    return sorted((folder / "archive").iterdir())
