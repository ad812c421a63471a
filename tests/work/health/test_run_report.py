"""What people read of a run: new, changed, silent, what to do; in text and on a page."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.model.errors import NotFoundError
from archive.model.outcome import Verdict
from archive.store import Store
from archive.work.health.run_files import as_html, as_text, write_run_files
from archive.work.health.run_report import RunReport, night_of, night_report, run_report
from archive.work.home import Home
from archive.work.ingest.covering import cover
from tests.store.making import NOW as THEN
from tests.support.crawled_lists import crawl as visit
from tests.support.crawled_lists import named, page_of, report
from tests.support.invented import DAY, QINGSHAN, YUNHE, fill
from tests.work.preservation.seal.archives import change

NOW = DAY + timedelta(days=40)
EVIL = "<script>alert(1)</script>\u202e\x1b[31m"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two portals, two runs; the second finds one report changed and one portal failing."""
    folder = tmp_path_factory.mktemp("runs")
    fill(folder).close()
    values = "INSERT INTO run_portal (run_id, portal_key, verdict, reason, counts) VALUES"
    for run, portal, verdict in (
        (1, YUNHE, Verdict.BAD), (1, QINGSHAN, Verdict.GOOD),
        (2, YUNHE, Verdict.GOOD), (2, QINGSHAN, Verdict.BAD),
    ):  # fmt: skip
        change(folder, f"{values} ({run}, '{portal}', '{verdict}', 'everything is gone', '{{}}')")
    return folder


def of(home: Path, run: int) -> RunReport:
    with Store.open(home, read_only=True) as store:
        return run_report(store, run, now=NOW)


def test_a_long_command_is_shown_in_whole_words(filled: Path) -> None:
    found = of(filled, 1)
    urls = [f"http://portal{number}.example/zwgk/" for number in range(20)]
    long = replace(found, run=replace(found.run, job=f"crawl {' '.join(urls)}"))
    said = as_text(long).splitlines()[1]
    assert f"{urls[9]} … and 10 more, " in said
    assert urls[10] not in said


def test_the_first_run_brings_reports_and_the_second_a_change(filled: Path) -> None:
    first, second = of(filled, 1), of(filled, 2)
    assert (first.new_count, first.changed_count) == (len(first.new), 0)
    assert {each.portal for each in first.new} == {YUNHE, QINGSHAN}
    assert (second.new_count, second.changed_count) == (0, 1)
    [changed] = second.changed
    assert (changed.version, changed.report_year, "figure" in changed.what) == (2, 2021, True)


def test_who_turned_bad_and_who_recovered_is_told(filled: Path) -> None:
    second = of(filled, 2)
    assert [(each.portal, each.before) for each in second.bad] == [(QINGSHAN, "good")]
    assert [each.portal for each in second.recovered] == [YUNHE]
    assert of(filled, 1).bad[0].before is None
    assert f"gongkai crawl {QINGSHAN}" in [step.command for step in second.steps]


def test_a_night_of_visits_is_all_that_its_runs_brought(filled: Path, tmp_path: Path) -> None:
    """A portal that was bad and is good at the end of the night is no news: none was judged before."""
    home, on = tmp_path / "home", night_of(DAY)
    shutil.copytree(filled, home)
    change(home, "UPDATE run SET started_at = (SELECT min(started_at) FROM run)")
    with Store.open(home, read_only=True) as store:
        night = night_report(store, on, now=NOW)
        assert night is not None
        assert (night.span.runs, night.span.ended, night.judged) == (2, 2, 2)
        assert (night.new_count, night.changed_count) == (of(filled, 1).new_count, 1)
        assert [(each.portal, each.before) for each in night.bad] == [(QINGSHAN, None)]
        assert night.recovered == ()
        assert [step.command for step in night.steps][:1] == [f"gongkai schedule {QINGSHAN}"]
        assert night_report(store, on - timedelta(days=1), now=NOW) is None
        text, page = as_text(night), as_html(night)
        written = write_run_files(Home(home), night)
    with Store.open(filled, read_only=True) as store:
        second = night_report(store, night_of(DAY + timedelta(days=31)), now=NOW)
        assert second is not None
        assert [each.portal for each in second.recovered] == [YUNHE]
        assert second.changed == of(filled, 2).changed
    for words in (f"Night of {on}: bad", "1 of 2 portals bad", "noon to noon in China: 2 visits; 2",
                  "Portals that are bad: 1", "Changed after publishing: 1"):  # fmt: skip
        assert words in page
        assert words in text or words == "1 of 2 portals bad"
    assert written.name == f"night-{on}.html"
    assert written.with_suffix(".txt").read_text("utf-8") == text


@pytest.mark.parametrize(("hour", "day"), [(3, 1), (4, 2), (15, 2), (27, 2), (28, 3)])
def test_a_night_is_from_noon_to_noon_in_china(hour: int, day: int) -> None:
    assert night_of(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)).day == day


def test_a_run_that_is_not_there_is_named(filled: Path) -> None:
    with pytest.raises(NotFoundError, match="no run 99; see gongkai status"):
        of(filled, 99)


def test_text_and_page_say_the_same(filled: Path) -> None:
    text, page = as_text(of(filled, 2)), as_html(of(filled, 2))
    for words in (
        "Run 2: ", "What to do", "Portals that are bad: 1", "青山区人民政府: everything is gone",
        "qingshan; good before", "Portals that are good again: 1", "New reports: 0",
        "Changed after publishing: 1", "gongkai crawl qingshan",
    ):  # fmt: skip
        assert words in text
        assert words in page
    assert "None." in text
    assert 'href="http://www.yunhe.example/nb/202203/t20220310_2021.htm"' in page


def test_what_pages_say_neither_runs_nor_turns_a_line_around(tmp_path: Path) -> None:
    fill(tmp_path).close()
    change(tmp_path, f"UPDATE version SET title = '{EVIL}'")  # noqa: S608 - ours
    change(tmp_path, f"UPDATE run SET reason = '{EVIL}', job = '{EVIL}'")  # noqa: S608 - ours
    report = of(tmp_path, 1)
    assert "<script" not in as_html(report)
    for told in (as_html(report), as_text(report)):
        assert not {"\u202e", "\x1b"} & {*told}


def test_a_body_that_fell_silent_is_in_the_report(tmp_path: Path) -> None:
    years = range(THEN.year - 4, THEN.year - 1)
    with Store.open(tmp_path) as store:
        visit(store, [named(y) for y in years], {page_of(y): report(y) for y in years}, now=THEN)
        cover(store, None, now=THEN)
        found = run_report(store, 1, now=THEN)
    assert f"崇川区人民政府 {THEN.year - 1} (due {THEN.year}-03-31; 崇川区; cc)" in as_text(found)
    assert "gongkai coverage --state missing" in as_text(found)


def test_the_files_lie_in_the_home_whole(filled: Path, tmp_path: Path) -> None:
    page = write_run_files(Home(tmp_path), of(filled, 2))
    assert sorted(each.name for each in (tmp_path / "runs").iterdir()) == ["2.html", "2.txt"]
    assert page.read_text("utf-8").endswith("</html>\n")
    write_run_files(Home(tmp_path), of(filled, 2))
