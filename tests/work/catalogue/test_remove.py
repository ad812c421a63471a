"""`portals remove`, a bare crawl beside shipped portals, and commands without a subcommand."""

import json
from pathlib import Path

import pytest

from archive.work.catalogue.load import user_portals
from archive.work.catalogue.row_removal import without_row
from crawler.cli import main
from tests.support.command import Gongkai
from tests.support.site import site_of


@pytest.fixture
def gongkai(tmp_path: Path) -> Gongkai:
    return Gongkai(tmp_path / "home")


MINE = """# mine
[a]
name = "甲县"
entries = ["http://127.0.0.1:1/"]

# the second one
["b"]
name = "乙县"
entries = ["http://127.0.0.1:2/"]
"""


def run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, str, str]:
    status = main([*words, "--home", str(home)])
    return (status, *capsys.readouterr())


def test_a_row_goes_and_all_else_stays(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "portals.toml").write_text(MINE)
    status, out, _ = run(capsys, tmp_path, "portals", "remove", "a")
    assert (status, "what was archived of it stays" in out) == (0, True)
    assert [portal.key for portal in user_portals(tmp_path)] == ["b"]
    assert (tmp_path / "portals.toml").read_text() == MINE[:7] + MINE[MINE.index("# the") :]
    assert run(capsys, tmp_path, "portals", "remove", "b")[0] == 0
    assert user_portals(tmp_path) == []


@pytest.mark.parametrize(
    ("key", "said"), [("nosuch", "no portal has the key"), ("pingtan", "came with Gongkai")]
)
def test_what_is_no_row_of_ones_own_is_not_removed(
    key: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = run(capsys, tmp_path, "portals", "remove", key)
    assert (status, said in err) == (2, True)


def test_a_row_of_ones_own_goes_and_the_shipped_one_holds_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "portals.toml").write_text(MINE.replace("[a]", "[pingtan]"))
    _, out, _ = run(capsys, tmp_path, "portals", "remove", "pingtan", "--json")
    assert json.loads(out) == {"removed": "pingtan", "shipped": True}


def test_a_row_that_is_written_otherwise_is_left_to_a_person(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = 'a = {name = "甲县", entries = ["http://127.0.0.1:1/"]}\n'
    (tmp_path / "portals.toml").write_text(text)
    status, _, err = run(capsys, tmp_path, "portals", "remove", "a")
    assert (status, "by hand" in err) == (2, True)
    assert (tmp_path / "portals.toml").read_text() == text


def test_a_file_without_the_row_stays_as_it_is() -> None:
    assert without_row(MINE, "c") == MINE


@pytest.mark.parametrize("words", [(), ("portals",)])
def test_a_command_without_a_subcommand_prints_its_help(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, err = run(capsys, tmp_path, *words)
    assert (status, out.startswith("usage: gongkai"), err) == (0, True, "")


def test_a_bare_crawl_of_a_local_portal_needs_no_contact_and_is_quiet(gongkai: Gongkai) -> None:
    gongkai.home.mkdir()
    with site_of(3) as site:
        row = f'[here]\nname = "某县"\nentries = ["{site.entry}"]\n'
        (gongkai.home / "portals.toml").write_text(row)
        told = gongkai.run("crawl", "--delay", "0")
    assert told.splitlines() == [
        "good: 4 of 4 URLs reached (4 new)",
        "left out: pingtan, shipped with Gongkai (no GONGKAI_CONTACT)",
    ]
    assert gongkai.stderr == ""


def test_a_bare_crawl_of_shipped_portals_alone_asks_for_a_contact(gongkai: Gongkai) -> None:
    gongkai.run("crawl", status=2)
    assert "GONGKAI_CONTACT" in gongkai.stderr
    assert not gongkai.home.exists()
