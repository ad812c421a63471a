"""Files of real crawlers: taken in twice they are taken in once, they are read as a crawl reads,
and every capture replays byte for byte.
"""

import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.command import Gongkai
from tests.support.site import Site, site_of
from tests.warc.making import packed
from tests.warc.test_foreign import wacz
from tests.work.imports.making import response, revisit

REPORTS = 6
PYWB = Path(__file__).resolve().parents[3] / ".venv-replay" / "bin" / "wayback"


def by_wget(site: Site, folder: Path) -> Path:
    if shutil.which("wget") is None:
        pytest.skip("there is no wget here")
    command = ["wget", "-q", "-r", "-l", "3", "--warc-file=made", "-P", "mirror", site.entry]
    subprocess.run(command, cwd=folder, check=False, timeout=60)
    return folder / "made.warc.gz"


def by_warcio(site: Site, folder: Path) -> Path:
    from warcio.capture_http import capture_http

    path = folder / "recorded.warc.gz"
    host = urlsplit(site.entry).netloc
    with capture_http(str(path)):
        for page in site.pages:
            connection = http.client.HTTPConnection(host, timeout=20)
            connection.request("GET", page)
            connection.getresponse().read()
            connection.close()
    return path


def like_browsertrix(site: Site, folder: Path) -> Path:
    """By hand: HTTP/2, bodies decoded, a second visit as revisits, what the browser saw beside it,
    all in a WACZ.
    """
    root, records = site.entry.removesuffix("/nb/index.html"), []
    head = b"HTTP/2 200 \r\ncontent-type: text/html; charset=utf-8\r\nx-orig-content-encoding: br\r\n\r\n"
    for name, text in site.pages.items():
        body, url = text.encode(), f"{root}{name}"
        records += [
            response(head + body, url=url, at="2024-03-01T08:00:00.123456Z"),
            revisit(url=url, at="2024-04-01T08:00:00.5Z", of=body, head=head,
                    WARC_Refers_To_Target_URI=url, WARC_Refers_To_Date="2024-03-01T08:00:00Z"),
            response(b"{}", url=f"urn:pageinfo:{url}", WARC_Type="resource",
                     Content_Type="application/json", WARC_Payload_Digest=None),
        ]  # fmt: skip
    return wacz(folder / "crawl.wacz", packed(*records))


def contents(gongkai: Gongkai) -> dict[str, tuple[object, object]]:
    """Content and title of every page."""
    rows = gongkai.rows("versions")
    return {str(row["url"]): (row["content_hash"], row["title"]) for row in rows}


@contextmanager
def replayed(gongkai: Gongkai) -> Iterator[str]:
    process = gongkai.start("replay", "--port", "0")
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found is not None
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def raw(root: str, row: dict[str, object]) -> bytes:
    """A capture's own bytes, as the replay engine gives them."""
    parts = urlsplit(root)
    at = re.sub(r"\D", "", str(row["captured_at"]))[:14]
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", f"{parts.path}{at}id_/{row['url']}")
        answer = connection.getresponse()
        return answer.read()
    finally:
        connection.close()


def test_a_crawl_goes_on_from_what_was_taken_in(gongkai: Gongkai, tmp_path: Path) -> None:
    """What stands as it was captured by somebody else is a revisit of his capture."""
    with site_of(REPORTS) as site:
        gongkai.run("import", str(by_warcio(site, tmp_path)), "--all")
        crawled = gongkai.crawl(site.entry, "--full")
    assert crawled["outcomes"] == {"unchanged": len(site.pages)}
    fresh = [row for row in gongkai.rows("captures") if row["source"] is None]
    pages = [row for row in fresh if not str(row["url"]).endswith("robots.txt")]
    assert {row["record_type"] for row in pages} == {"revisit"}
    gongkai.run("verify", "--deep")


@pytest.mark.parametrize("crawler", [by_wget, by_warcio, like_browsertrix])
def test_a_real_crawlers_file_is_taken_in_once_read_as_crawled_and_replayed(
    gongkai: Gongkai, tmp_path: Path, crawler: object
) -> None:
    with site_of(REPORTS) as site:
        file = crawler(site, tmp_path)  # type: ignore[operator]  # one of the two above
        crawled = Gongkai(tmp_path / "crawled")
        crawled.crawl(site.entry)
    said = json.loads(gongkai.run("import", str(file), "--all", "--json"))
    captures = gongkai.rows("captures")
    assert (said["verdict"], said["taken_in"]) == ("good", len(captures))
    assert len({row["url"] for row in captures if row["status"] == 200}) == len(site.pages)
    assert contents(gongkai) == contents(crawled)
    assert {row["source"] for row in captures} == {file.name}
    again = json.loads(gongkai.run("import", str(file), "--all", "--json"))
    assert (again["taken_in"], again["known"]) == (0, len(captures))
    assert gongkai.rows("captures") == captures
    gongkai.run("verify", "--deep")
    if not PYWB.exists():
        pytest.skip("all but the replay was looked at: there is no pywb here (make setup)")
    with replayed(gongkai) as root:
        for row in captures:
            page = site.pages.get(urlsplit(str(row["url"])).path, "not here")
            assert raw(root, row) == page.encode()
