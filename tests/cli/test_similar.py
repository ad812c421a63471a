"""similar as people type it."""

import json

import pytest

from archive.cli import main
from archive.store import Store
from tests.support.copied import NAMES, copied, url
from tests.support.engines import ENGINES, ledger_on

FINANCE, EDUCATION, OTHER = NAMES


@pytest.fixture(scope="module", params=ENGINES)
def ledger(request, tmp_path_factory):
    with ledger_on(request.param, tmp_path_factory.mktemp("similar")) as place:
        copied(place).close()
        yield place


@pytest.fixture
def home(ledger, tmp_path, monkeypatch):
    """The folder of the archive; a database is named by the environment."""
    if "://" not in ledger:
        return ledger
    monkeypatch.setenv("GONGKAI_DATABASE_URL", ledger)
    return str(tmp_path)


@pytest.fixture
def similar(home, capsys):
    def run(*words, status=0):
        assert main(["similar", *words, "--home", home]) == status
        return capsys.readouterr()

    return run


def test_pairs_are_lines(similar):
    [head, line] = similar().out.splitlines()
    assert head.split()[:2] == ["similar", "body"]
    assert line.split()[:5] == ["1.000", FINANCE, "2023", FINANCE, "2022"]


def test_json_is_the_export(similar, home, tmp_path, capsys):
    pairs = json.loads(similar("--min", "0.8", "--json").out)
    main(["export", "similarity", "-o", "-", "--format", "jsonl", "--home", home])
    exported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(map(json.dumps, pairs)) == sorted(map(json.dumps, exported))


def test_passages_are_shown_on_request(similar):
    assert "  = " in similar("--show").out
    both = similar(url(EDUCATION, 2022), url(FINANCE, 2022)).out
    assert both.count("  = ") == 1
    shown = json.loads(similar("--show", "--json").out)
    assert shown[0]["passages"]


def test_nothing_is_said_so(similar):
    assert similar("--across").err == "no such pair of 4 reports is 0.9 alike or more\n"
    assert "too few" in similar(url(OTHER, 2022)).err


def test_an_archive_without_pairs_says_how_many_reports_were_compared(tmp_path, capsys):
    Store.open(tmp_path).close()
    assert main(["similar", "--min", "0.85", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().err == "no pair of 0 reports is 0.85 alike or more\n"


def test_three_pages_are_too_many(similar):
    assert "two URLs" in similar("a", "b", "c", status=2).err
