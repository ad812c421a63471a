"""The notebook of docs/ over a dataset of the demo portals, and the commands: one answer each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import DemoPortal
from tests.support.command import Gongkai
from tests.support.notebook import run_notebook

PORTALS = ("trs", "nanjing", "xuzhou", "fuzhou")
COUNTIES = ("--kind", "government", "--level", "county")


class Asked:
    """What the notebook found, and the archive that its dataset is of."""

    def __init__(self, gongkai: Gongkai, found: dict[str, object], plots: int) -> None:
        self.gongkai, self.found, self.plots = gongkai, found, plots

    def notebook(self, name: str, *columns: str) -> list[tuple[object, ...]]:
        rows = self.found[name].project(", ".join(f'"{each}"' for each in columns)).fetchall()
        return [tuple(map(str, row)) for row in rows]

    def command(self, words: str, *columns: str) -> list[tuple[object, ...]]:
        told = json.loads(self.gongkai.run(*words.split(), "--json"))
        return [tuple(str(row[each]) for each in columns) for row in told]


@pytest.fixture(scope="module")
def asked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("notebook")
    gongkai = Gongkai(folder / "home")
    with DemoPortal() as portal, pytest.MonkeyPatch.context() as patch:
        gongkai.crawl(*(portal.entries[key] for key in PORTALS))
        portal.change_report("nanjing-0")
        gongkai.crawl(portal.entries["nanjing"], "--full")
        gongkai.run("dataset", "-o", str(folder / "dataset"))
        patch.chdir(folder)
        found = run_notebook(root / "docs" / "questions.ipynb")
        from matplotlib import pyplot as plt

        plots = len(plt.get_fignums())
        plt.close("all")
        yield Asked(gongkai, found, plots)
        found["con"].close()


def test_which_counties_answered_fewer_requests(asked: Asked) -> None:
    words = "table requests_answered --from 2022 --to 2023 --change down"
    told = asked.command(" ".join((words, *COUNTIES)), "division", "place", "first_url", "last_url")
    found = asked.notebook("fewer", "division", "place", "first_url", "last_url")
    assert len(told) == 2
    assert found == told
    numbers = asked.command(" ".join((words, *COUNTIES)), "first", "last", "change")
    assert [tuple(map(float, row)) for row in numbers] == [
        tuple(map(float, row)) for row in asked.notebook("fewer", "2022", "2023", "change")
    ]


def test_how_many_reviews_by_county_and_year(asked: Asked) -> None:
    columns = ("division", "report_year", "bodies", "value")
    told = asked.command(" ".join(("table reviews --by place --long", *COUNTIES)), *columns)
    found = asked.notebook("reviews", *columns)
    assert len(found) > 10
    assert sorted((*row[:3], float(row[3])) for row in found) == sorted(
        (*row[:3], float(row[3])) for row in told if row[3] != "None"
    )


def test_who_published_late_and_by_how_many_days(asked: Asked) -> None:
    columns = ("body", "year", "due_on", "published_on", "days_late", "url", "version")
    told = asked.command("late", *columns)
    assert len(told) > 5
    assert sorted(asked.notebook("late", *columns)) == sorted(told)


def test_who_copied(asked: Asked) -> None:
    columns = ("body", "report_year", "other_year", "url", "other_url")
    for scope in ("within", "across"):
        told = asked.command(f"similar --{scope} --min 0.9", *columns)
        found = [row[1:] for row in asked.notebook("copied", "scope", *columns) if row[0] == scope]
        assert sorted(found) == sorted(told)
        assert told


def test_what_was_changed_after_publishing(asked: Asked) -> None:
    columns = ("body", "report_year", "what", "old", "new", "url", "version")
    told = asked.command("changes --since 1", *columns)
    assert asked.notebook("changed", *columns) == told
    assert len(told) == 1


def test_which_reports_are_missing(asked: Asked) -> None:
    columns = ("body", "division", "year", "due_on", "reason")
    told = asked.command("coverage --state missing", *columns)
    assert len(told) > 50
    assert sorted(asked.notebook("missing", *columns)) == sorted(told)


def test_three_plots_are_drawn_and_a_number_is_cited(asked: Asked) -> None:
    assert asked.plots == 3
    [cited] = asked.found["cited"].fetchall()
    [told] = [json.loads(asked.gongkai.run("cite", cited[1], "--json"))]
    assert cited[4] == told["content_hash"]
