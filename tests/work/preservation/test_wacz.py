"""Bundles for others: what is in them, that others can read them, and how making one ends."""

import json
import socket
import subprocess
import time
import zipfile
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from pyarrow import parquet

from archive.cli import main
from archive.warc.copying import read_through
from archive.warc.reader import iterate
from archive.warc.wacz.index import capture_line, looked_up
from archive.work.preservation.verify import verify_files
from tests.support.bundle import (
    FILE,
    LIST,
    OTHER,
    REPORT,
    TITLE,
    Wacz,
    index_of,
    lines_of,
    unpacked,
)
from tests.warc.making import exchange, writer


@pytest.fixture(scope="module")
def replay_tools(root: Path) -> Path:
    return root / ".venv-replay" / "bin"


def test_a_bundle_is_valid_for_the_reference_tool(wacz: Wacz, replay_tools: Path) -> None:
    done = subprocess.run(
        [replay_tools / "wacz", "validate", "-f", wacz()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "Validation succeeded" in done.stdout


def test_a_bundle_is_good_for_our_own_checker(
    wacz: Wacz, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, arguments in enumerate(([], ["--run", "2"])):
        assert main(["verify", str(wacz(*arguments, output=f"{number}.wacz"))]) == 0
        assert capsys.readouterr().out.endswith("1 file: 0 errors, 0 warnings\n")


def test_pywb_takes_a_bundle_and_serves_its_pages(
    wacz: Wacz, url: str, replay_tools: Path, tmp_path: Path
) -> None:
    path = wacz()
    for arguments in (("init", "c"), ("add", "--unpack-wacz", "c", path)):
        subprocess.run(
            [replay_tools / "wb-manager", *arguments], cwd=tmp_path, check=True, capture_output=True
        )
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [replay_tools / "wayback", "-b", "127.0.0.1", "-p", str(port), "-d", str(tmp_path)]
    last = max(stamp for _, stamp, fields in index_of(path) if fields["url"] == url + REPORT)
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:
            page = fetched(f"http://127.0.0.1:{port}/c/{last}id_/{url}{REPORT}")
        finally:
            process.terminate()
    assert f"<h1>{TITLE}</h1>" in page.decode("gbk")


def fetched(url: str) -> bytes:
    deadline = time.monotonic() + 60
    while True:
        try:
            with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_pages_have_the_titles_and_texts_of_our_reader(wacz: Wacz, url: str) -> None:
    path = wacz()
    head, *pages = lines_of(path, "pages/pages.jsonl")
    assert head["format"] == "json-pages-1.0"
    by_url = {page["url"]: page for page in pages}
    assert set(by_url) == {url + REPORT, url + OTHER}
    assert by_url[url + REPORT]["title"] == TITLE
    assert "收到政府信息公开申请3件" in by_url[url + REPORT]["text"]
    extra = {page["url"] for page in lines_of(path, "pages/extraPages.jsonl")[1:]}
    assert extra == {url + LIST, url + FILE}
    indexed = {(fields["url"], stamp) for _, stamp, fields in index_of(path)}
    for page in pages:
        assert (page["url"], "".join(c for c in page["ts"] if c.isdigit())) in indexed


def test_every_line_of_the_index_leads_to_its_record(wacz: Wacz, tmp_path: Path) -> None:
    path = wacz()
    files = {each.name: each for each in unpacked(path, tmp_path / "x")}
    found = {
        (record.file, record.offset): (record.target_uri, record.length)
        for each in files.values()
        for record in iterate(each)
    }
    index = index_of(path)
    assert len(index) == 9  # robots.txt, list, two reports and a file; all but the file twice
    for _, _, fields in index:
        place = (fields["filename"], int(fields["offset"]))
        assert found[place] == (fields["url"], int(fields["length"]))


def test_what_a_revisit_repeats_comes_with_it(wacz: Wacz, url: str, tmp_path: Path) -> None:
    path = wacz("--run", "2")
    files = unpacked(path, tmp_path / "x")
    assert [damage for damage in verify_files(files) if damage.rule != "warcinfo_id"] == []
    kinds = [fields["mime"] for _, _, fields in index_of(path) if fields["url"] == url + REPORT]
    assert sorted(kinds) == ["text/html", "warc/revisit"]
    [page] = [
        each for each in lines_of(path, "pages/pages.jsonl") if each.get("url") == url + REPORT
    ]
    revisited = next(
        stamp for _, stamp, fields in index_of(path)
        if fields["url"] == url + REPORT and fields["mime"] == "warc/revisit"
    )  # fmt: skip
    assert "".join(c for c in page["ts"] if c.isdigit()) == revisited


def test_notes_beside_a_capture_come_with_it(wacz: Wacz, url: str, tmp_path: Path) -> None:
    """A 304 is kept in a metadata record behind its revisit."""
    files = unpacked(wacz("--run", "2", url + REPORT), tmp_path / "x")
    kinds = [record.record_type for each in files for record in iterate(each)]
    assert sorted(kinds) == [
        "metadata", "request", "request", "request", "response", "response", "revisit",
        "warcinfo", "warcinfo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ([OTHER], {OTHER}),
        ([REPORT], {REPORT, FILE}),
        (["--query", "乙镇 主动公开"], {OTHER}),
        (["--query", "甲镇", "--from", "2020", "--to", "2100-01"], {REPORT, FILE}),
        (["--run", "1"], {"/robots.txt", LIST, REPORT, OTHER, FILE}),
    ],
)
def test_a_bundle_has_what_was_asked_for(
    wacz: Wacz, url: str, arguments: list[str], paths: set[str]
) -> None:
    path = wacz(*(url + each if each.startswith("/") else each for each in arguments))
    assert {fields["url"].removeprefix(url) for _, _, fields in index_of(path)} == paths
    documents = {
        str(row["url"]).removeprefix(url) for row in lines_of(path, "data/documents.jsonl")
    }
    assert documents == paths - {"/robots.txt"}


def test_a_list_of_urls_names_what_the_archive_does_not_have(
    wacz: Wacz, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "urls.txt"
    listed.write_text(f"# two\n{url}{OTHER}\n\n{url}/nowhere.html\n")
    path = wacz("--list", str(listed), status=1)
    assert f"not in the archive: {url}/nowhere.html" in capsys.readouterr().err
    assert {fields["url"] for _, _, fields in index_of(path)} == {url + OTHER}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "2000"], "nothing is selected"),
        (["--run", "99"], "nothing is selected"),
        (["--portal", "nobody"], "no portal 'nobody'"),
        (["--list", "/nowhere"], "cannot be read"),
        (["--key", "/nowhere"], "signing key /nowhere cannot be read"),
        (["--query", "无此字句"], "nothing is selected"),
    ],
)
def test_a_bundle_of_nothing_is_wrong_usage(
    wacz: Wacz, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    path = wacz(*arguments, status=2)
    assert told in capsys.readouterr().err
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("output", ["x.zip", "none/x.wacz"])
def test_an_output_that_cannot_be_is_wrong_usage(wacz: Wacz, output: str) -> None:
    assert not wacz(output=output, status=2).exists()


def test_the_rows_of_the_same_pages_come_as_json_lines_and_parquet(
    wacz: Wacz, bundled_home: Path, url: str, tmp_path: Path
) -> None:
    path = wacz(url + REPORT)
    exported = tmp_path / "documents.jsonl"
    main(["export", "documents", "-o", str(exported), "--home", str(bundled_home)])
    wanted = [json.loads(line) for line in exported.read_text().splitlines()]
    wanted = [row for row in wanted if row["url"] in {url + REPORT, url + FILE}]
    assert sorted(lines_of(path, "data/documents.jsonl"), key=str) == sorted(wanted, key=str)
    with zipfile.ZipFile(path) as bundle:
        table = parquet.read_table(bundle.open("data/documents.parquet")).to_pylist()
        book = json.loads(bundle.read("data/codebook.json"))
    assert {row["title"] for row in table} == {row["title"] for row in wanted}
    assert {each["name"] for each in book["tables"]["documents"]} == set(wanted[0])
    assert any(each["indicator"] == "f21.s3.result.granted" for each in book["indicators"])


def test_the_same_selection_gives_the_same_bytes(wacz: Wacz) -> None:
    one, other = wacz(output="a.wacz"), wacz(output="b.wacz")
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        assert [(each.filename, each.CRC) for each in first.infolist()][:-2] == [
            (each.filename, each.CRC) for each in second.infolist()
        ][:-2]


def test_a_window_of_a_list_that_was_posted_is_keyed_as_players_look_it_up(
    tmp_path: Path,
) -> None:
    sent = b"start=1&end=15"
    request = b"POST /list.jsp HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    request += b"Content-Length: %d\r\n\r\n" % len(sent) + sent
    warc = writer(tmp_path)
    asked = exchange(url="http://x.gov.cn/list.jsp", request=request)
    written = warc.append(asked)
    warc.close()
    [path] = tmp_path.iterdir()
    with path.open("rb") as source:
        spots = (written.spot, written.request_spot)
        read = [read_through(source, path, s.offset, s.offset + s.length) for s in spots]
    key, _, fields = capture_line(*read, written.spot, "00").split(" ", 2)
    assert key == "cn,gov,x)/list.jsp?__wb_method=post&end=15&start=1"
    assert json.loads(fields)["method"] == "POST"
    assert json.loads(fields)["requestBody"] == sent.decode()
    assert looked_up(*read) == f"http://x.gov.cn/list.jsp?__wb_method=POST&{sent.decode()}"
