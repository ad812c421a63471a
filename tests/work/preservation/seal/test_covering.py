"""Which seal names a version."""

import json

from archive.cli import main
from archive.work.home import Home
from archive.work.preservation.seal.covering import covering_seal
from tests.support.invented import YUNHE, url

CHANGED = url(YUNHE, 2021)


def test_the_seal_that_took_a_version_in_names_it(sealed_once):
    found = [covering_seal(Home(sealed_once.home), CHANGED, number, "test") for number in (1, 2)]
    assert [each.number for each in found] == [1, 2]
    assert found[0].key is not None


def test_no_seal_names_what_no_seal_took_in(sealed_once):
    assert covering_seal(Home(sealed_once.home), CHANGED, 9, "test") is None
    assert covering_seal(Home(sealed_once.home), CHANGED, 1, "better") is None
    assert covering_seal(Home(sealed_once.home), "http://nowhere.example/", 1, "test") is None


def test_a_citation_names_it(sealed_once, capsys):
    assert main(["cite", CHANGED, "--json", "--home", str(sealed_once.home)]) == 0
    cited = json.loads(capsys.readouterr().out)
    assert cited["seal"]["number"] == 3
    assert len(cited["seal"]["sha256"]) == 64
