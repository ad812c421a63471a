"""The demo portal on the wire: coding, framing, validators, and what moves with every visit."""

import contextlib
import gzip
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def portal():
    with DemoPortal() as running:
        yield running


def ask(portal, path, headers=None, method="GET", body=None):
    connection = http.client.HTTPConnection(portal.url.removeprefix("http://"), timeout=10)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def path_of(portal, key, number=0):
    return portal.site.portals[key].at(number).url


def test_every_url_of_the_truth_is_served(portal):
    statuses = {ask(portal, known.url)[0].status for known in portal.reports}
    assert statuses == {200}


def test_the_visit_counter_moves_with_every_visit(portal):
    path = path_of(portal, "trs")
    counts = [re.search("第(\\d+)位".encode(), ask(portal, path)[1]).group(1) for _ in range(2)]
    assert counts[0] != counts[1]


def test_apart_from_the_counter_two_visits_see_the_same(portal):
    path = path_of(portal, "hanweb")
    seen = {re.sub(rb"\d{5,}</p>", b"", ask(portal, path)[1]) for _ in range(2)}
    assert len(seen) == 1


def test_a_banner_says_what_day_it_is(portal):
    assert re.search("今天是\\d{4}年\\d{1,2}月".encode(), ask(portal, "/trs/")[1])


def test_the_etag_of_an_unchanged_page_is_answered_with_304(portal):
    path = path_of(portal, "trs")
    etag = ask(portal, path)[0].headers["ETag"]
    answer, content = ask(portal, path, {"If-None-Match": etag})
    assert (answer.status, content) == (304, b"")


def test_a_date_alone_validates_where_there_is_no_etag(portal):
    path = path_of(portal, "hanweb")
    first = ask(portal, path)[0]
    assert first.headers["ETag"] is None
    again = ask(portal, path, {"If-Modified-Since": first.headers["Last-Modified"]})[0]
    assert again.status == 304


def test_a_malformed_date_is_no_validator(portal):
    path = path_of(portal, "hanweb")
    assert ask(portal, path, {"If-Modified-Since": "gestern"})[0].status == 200


def test_the_old_portal_has_no_validators(portal):
    answer = ask(portal, path_of(portal, "plain"))[0]
    assert answer.headers["ETag"] is answer.headers["Last-Modified"] is None


def test_the_old_portal_speaks_gb2312_and_says_so_only_in_the_page(portal):
    answer, content = ask(portal, path_of(portal, "plain"))
    assert answer.headers["Content-Type"] == "text/html"
    assert b"charset=gb2312" in content
    assert "望泽县" in content.decode("gb2312")


def test_gzip_is_sent_only_when_it_is_asked_for(portal):
    path = path_of(portal, "trs")
    answer, packed = ask(portal, path, {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "澄溪县" in gzip.decompress(packed).decode()
    assert ask(portal, path)[0].headers["Content-Encoding"] is None


def test_hanweb_answers_in_chunks(portal):
    answer, content = ask(portal, path_of(portal, "hanweb"))
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert content.rstrip().endswith(b"</html>")


def test_one_connection_serves_many_requests(portal):
    connection = http.client.HTTPConnection(portal.url.removeprefix("http://"), timeout=10)
    for number in range(3):
        connection.request("GET", path_of(portal, "trs", number))
        assert connection.getresponse().read()
        used = connection.sock
    assert used is not None
    connection.close()


def test_a_folder_without_its_slash_is_redirected(portal):
    answer = ask(portal, "/trs")[0]
    assert (answer.status, answer.headers["Location"]) == (301, "/trs/")


@pytest.mark.parametrize("path", ["/", "/nobody/", "/trs/no.html", "/trs/x/t20170101_1003.html"])
def test_what_does_not_exist_is_404(portal, path):
    assert ask(portal, path)[0].status == 404


def test_robots_txt_is_there(portal):
    assert b"Disallow: /trs/admin/" in ask(portal, "/robots.txt")[1]


@pytest.mark.parametrize(("key", "ending", "magic"), [
    ("trs", "doc", b"\xd0\xcf\x11\xe0"), ("hanweb", "doc", b"\xd0\xcf\x11\xe0"),
    ("plain", "doc", b"\xd0\xcf\x11\xe0"), ("trs", "pdf", b"%PDF-1.4"),
    ("hanweb", "pdf", b"%PDF-1.4"), ("plain", "pdf", b"%PDF-1.4"),
])  # fmt: skip
def test_an_attachment_is_what_its_name_says(portal, key, ending, magic):
    known = next(
        one
        for one in portal.reports
        if one.key.startswith(key) and one.attachment and one.attachment.endswith(ending)
    )
    page = ask(portal, known.url)[1].decode("gb18030" if key == "plain" else "utf-8")
    target = re.search(rf'附件：<a href="([^"]+)">{re.escape(known.attachment)}', page).group(1)
    assert ask(portal, target.replace("&amp;", "&"))[1].startswith(magic)


def test_the_data_proxy_answers_get_and_post_alike(portal):
    query = "startrecord=6&endrecord=10&perpage=5&columnid=1012"
    path = "/hanweb/module/web/jpage/dataproxy.jsp"
    assert ask(portal, f"{path}?{query}")[1] == ask(portal, path, method="POST", body=query)[1]


def test_the_data_proxy_knows_groups_as_well_as_records(portal):
    path = "/hanweb/module/web/jpage/dataproxy.jsp"
    content = ask(portal, f"{path}?page=1&columnid=1012")[1]
    assert content.count(b"<record>") == 24 - 15


def test_the_log_tells_who_asked_for_what(portal):
    ask(portal, "/trs/?a=1", {"User-Agent": "tester"})
    visit = portal.visits[-1]
    assert (visit.path, visit.status, visit.user_agent) == ("/trs/?a=1", 200, "tester")


def test_head_has_no_body(portal):
    assert ask(portal, path_of(portal, "trs"), method="HEAD")[1] == b""


def test_a_changed_report_has_another_etag():
    with DemoPortal() as portal:
        path = path_of(portal, "trs", 17)
        etag = ask(portal, path)[0].headers["ETag"]
        assert portal.change_report("trs-17") == portal.url + path
        assert ask(portal, path, {"If-None-Match": etag})[0].status == 200


def test_a_given_site_cannot_be_changed():
    portal = DemoPortal(site=generate_site(3, "trs"))
    with portal, pytest.raises(ValueError, match="cannot be changed"):
        portal.change_report()


def test_a_stopped_portal_answers_nobody():
    with DemoPortal() as portal:
        host, port = portal.url.removeprefix("http://").split(":")
        open_one = socket.create_connection((host, int(port)))
    with contextlib.suppress(ConnectionResetError), open_one:
        assert open_one.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=2)


@contextlib.contextmanager
def child(*options):
    """A demo portal in a process of its own; it must end well when its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.demo", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process.stdout.readline().strip().removeprefix("http://")
    process.communicate()
    assert process.returncode == 0


def fetched(server, path, form=None):
    connection = http.client.HTTPConnection(server, timeout=10)
    connection.request("POST" if form else "GET", path, form)
    content = connection.getresponse().read()
    connection.close()
    return content


def test_as_a_child_it_changes_a_report_when_it_is_told_to():
    with child("--per-list", "7") as server:
        changed = json.loads(fetched(server, "/_demo/change", "plain-0"))
        assert changed.startswith(f"http://{server}/plain/xxgk/nb/2024/")


def test_in_the_background_of_a_shell_it_serves_until_it_is_interrupted():
    """Such a job has no input: a tty would stop it, /dev/null would end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.demo"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    server = process.stdout.readline().strip().removeprefix("http://")
    assert fetched(server, "/trs/")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 0


def test_as_a_child_it_shows_its_log():
    with child() as server:
        fetched(server, "/trs/")
        log = json.loads(fetched(server, "/_demo/log", "-"))
        assert [visit["path"] for visit in log] == ["/trs/"]


def test_as_a_child_it_serves_a_generated_site():
    with child("--generate", "50", "--family", "plain") as server:
        assert "共50条" in fetched(server, "/plain/xxgk/nb/list.htm").decode("gb18030")
