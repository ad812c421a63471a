"""With --json, standard output is JSON and nothing else, whatever else the command writes."""

import json
from pathlib import Path

import pytest

from crawler.cli import main
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server
from tests.support.site import pages_of


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gongkai = Gongkai(tmp_path_factory.mktemp("json") / "home")
    with raw_server() as server:
        fill(server)
        gongkai.crawl(f"{server.url}/nb/index.html")
    return gongkai.home


def fill(server: RawServer) -> None:
    for path, body in pages_of(2).items():
        server.answers[path] = page(body)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (("index", "-o", "OUT/x.cdxj"), {"file", "lines", "warc_files", "missing"}),
        (("seal", "--new-key", "OUT/key.pem"), {"private", "public"}),
        (("seal",), {"path", "sha256", "made"}),
        (("wacz", "-o", "OUT/x.wacz"), {"file", "captures", "left_out"}),
        (("backup", "-o", "OUT/backup"), {"folder", "files"}),
        (("export", "captures", "-o", "OUT/x.csv"), {"file", "rows"}),
        (("reread",), {"counts", "versions"}),
        (("repair", "--dry-run"), {"lost", "dry_run"}),
        (("rebuild", "--replace"), {"captures", "damages"}),
        (("withdraw", "/nb/1.html", "--reason", "wrong"), {"url", "withdrawn", "reason"}),
        (("withdraw", "/nb/1.html", "--undo"), {"url", "withdrawn", "reason"}),
    ],
)
def test_what_is_written_is_told_as_json(
    crawled: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    names: set[str],
) -> None:
    monkeypatch.setenv("GONGKAI_SEAL_PASSPHRASE", "")
    arguments = [each.replace("OUT", str(tmp_path)) for each in command]
    assert main([*arguments, "--json", "--home", str(crawled)]) == 0
    assert names <= json.loads(capsys.readouterr().out).keys()


def test_lists_are_lists(crawled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("personal", "withdraw", "verify"):
        assert main([command, "--json", "--home", str(crawled)]) == 0
        assert isinstance(json.loads(capsys.readouterr().out), list)
