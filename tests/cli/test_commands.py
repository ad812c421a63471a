"""The commands as cron jobs and people run them: output, exit status, errors of one line."""

import json
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.invented import QINGSHAN, RENAMED, YUNHE, url
from tests.support.invented_home import Run

CHANGED = url(YUNHE, 2021)
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def test_search_prints_titles_urls_and_marked_snippets(gongkai_process: Run) -> None:
    done = gongkai_process("search", "局2016", "--year", "2021")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert lines[0] == "云河县2021年政府信息公开工作年度报告"
    assert lines[1] == f"  {CHANGED}"
    assert "«局2016»" in lines[3]


def test_search_as_json_is_an_array(gongkai: Run) -> None:
    hits = json.loads(gongkai("search", "复议", "--json", "--portal", YUNHE).stdout)
    assert len(hits) == 6
    assert set(hits[0]) >= {"url", "portal", "title", "agency", "report_year", "snippets"}
    assert hits[0]["url"] == CHANGED


@pytest.mark.parametrize(
    "arguments",
    [["--json", "search", "复议"], ["search", "--json", "复议"], ["search", "复议", "--json"]],
)
def test_common_options_stand_before_or_after_the_command(
    gongkai: Run, arguments: list[str]
) -> None:
    assert isinstance(json.loads(gongkai(*arguments).stdout), list)


def test_home_stands_before_or_after_the_command(gongkai: Run, home: Path) -> None:
    for arguments in (["--home", str(home), "status"], ["status", "--home", str(home)]):
        assert gongkai(*arguments, GONGKAI_HOME="/nowhere").returncode == 0


def test_search_without_hits_is_done_and_says_so(gongkai: Run) -> None:
    done = gongkai("search", "没有这个词", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[]\n", b"nothing found\n")


def test_search_says_when_there_are_more_hits(gongkai: Run) -> None:
    done = gongkai("search", "复议", "--limit", "2", "--json")
    assert len(json.loads(done.stdout)) == 2
    assert b"there are more" in done.stderr


@pytest.mark.parametrize(
    ("bounds", "years"),
    [
        (["--from", "2024"], {2023, 2024}),
        (["--from", "2021-03", "--to", "2021"], {2020}),
        (["--to", "2020-03-10"], {2019}),
        (["--agency", RENAMED], {2020}),
    ],
)
def test_search_is_bounded_by_dates_and_agencies(
    gongkai: Run, bounds: list[str], years: set[int]
) -> None:
    hits = json.loads(gongkai("search", "复议", "--portal", YUNHE, "--json", *bounds).stdout)
    assert {hit["report_year"] for hit in hits} == years


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["search", "复"], "two characters"),
        (["search", "复议", "--from", "2016-13"], "not a date"),
        (["search", "复议", "--limit", "0"], "not a number"),
        (["search", "复议", "--lim", "3"], "unrecognized"),
        (["show", "no-such-page.htm"], "nearest: http"),
        (["show", "_2022.htm"], "several URLs"),
        (["show", CHANGED, "--version", "9"], "versions 1 to 2"),
        (["history", ""], "empty"),
        (["diff", CHANGED, "1", "7"], "versions 1 to 2"),
        (["export", "nothing", "-o", "x.csv"], "invalid choice"),
        (["export", "runs", "-o", "x.doc"], ".parquet"),
        (["export", "runs", "-o", "/no/such/folder/x.csv"], "no folder"),
        (["export", "runs", "-o", "-", "--format", "xlsx"], "standard output"),
        (["serve", "--port", "99999"], "not a port"),
        (["serve", "--replay", "ftp://x"], "no http URL"),
        (["replay", "--port", "99999"], "not a port"),
        (["nonsense"], "invalid choice"),
        (["serach"], "did you mean 'search'?"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    gongkai: Run, arguments: list[str], word: str
) -> None:
    done = gongkai(*arguments)
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert word in said
    assert said.count("\n") == 1
    assert not done.stdout


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("GONGKAI_DATABASE_URL", "archive", "no URL such as"),
        ("GONGKAI_DATABASE_URL", "://x", "no database URL"),
        ("GONGKAI_DATABASE_URL", "sqlite:////no/such/archive.sqlite", "no archive"),
        ("GONGKAI_WARC_URL", "ftp://bucket/warc", "no folder"),
        ("GONGKAI_WARC_URL", "s3://Bucket", "no s3://BUCKET/PREFIX"),
        ("GONGKAI_WARC_URL", "warc", "no folder"),
    ],
)
def test_an_archive_that_is_not_where_the_environment_says_is_wrong_usage(
    gongkai: Run, name: str, value: str, word: str
) -> None:
    done = gongkai("verify", **{name: value})
    assert done.returncode == 2
    assert word in done.stderr.decode()
    assert not Path("/no").exists()


@pytest.mark.parametrize("spelled", ["{}", "file://{}"])
def test_the_warc_files_may_lie_elsewhere(gongkai: Run, tmp_path: Path, spelled: str) -> None:
    done = gongkai("index", GONGKAI_WARC_URL=spelled.format(tmp_path))
    assert f"no WARC files in {tmp_path}" in done.stderr.decode()


def test_the_version_is_told(gongkai: Run) -> None:
    assert gongkai("--version").stdout.decode().strip() == f"gongkai {version('gongkai')}"


def test_a_home_without_an_archive_is_wrong_usage_and_stays_empty(
    gongkai_process: Run, tmp_path: Path
) -> None:
    done = gongkai_process("status", "--home", str(tmp_path))
    assert done.returncode == 2
    assert b"crawl first" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_damaged_ledger_cannot_run_and_says_so_in_one_line(gongkai: Run, tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"not a database at all" * 100)
    done = gongkai("status", "--home", str(tmp_path))
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 1


def test_a_traceback_is_shown_only_with_debug(gongkai: Run, tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"not a database at all" * 100)
    done = gongkai("status", "--debug", "--home", str(tmp_path))
    assert b"Traceback" in done.stderr


def test_the_database_url_points_elsewhere(gongkai: Run, home: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{home / 'archive.sqlite'}"
    done = gongkai("status", "--home", str(tmp_path), GONGKAI_DATABASE_URL=url)
    assert b"2 portals" in done.stdout


@pytest.mark.parametrize(
    "spelled",
    [
        CHANGED,
        CHANGED.removeprefix("http://"),
        CHANGED.replace("http://www", "HTTP://WWW") + "#top",
        CHANGED.replace(".example/", ".example:80/"),
        CHANGED.replace("http:", "https:"),
        "t20220310_2021.htm",
        "20220310_2021.htm",
        "/nb/202203/t20220310_2021.htm",
    ],
)
def test_an_url_is_found_in_any_spelling(gongkai: Run, spelled: str) -> None:
    assert json.loads(gongkai("show", spelled, "--json").stdout)["url"] == CHANGED


def test_show_gives_text_fields_figures_and_findings(gongkai: Run) -> None:
    page = json.loads(gongkai("show", CHANGED, "--json").stdout)
    assert page["version"] == page["versions"] == 2
    assert page["fields"]["published_on"] == {
        "value": "2022-03-10", "printed": "2022年03月10日", "origin": "header:发布日期",
    }  # fmt: skip
    assert page["fields"]["document_number"]["value"] is None
    granted = [f for f in page["figures"] if f["indicator"] == "f21.s3.result.granted"]
    assert granted[0]["value"] == 63
    assert page["findings"][0]["rule"] == "R9"
    assert "\t63\t" in page["text"]


def test_show_prints_a_version_for_people(gongkai: Run) -> None:
    lines = gongkai("show", CHANGED, "--version", "1").stdout.decode().splitlines()
    assert lines[0] == "云河县2021年政府信息公开工作年度报告"
    assert "version 1 of 2" in lines[2]
    assert any(line.startswith("index_number") for line in lines)
    assert any("（一）予以公开 | 61 | 2" in line for line in lines)


def test_history_tells_visits_versions_and_changed_fields_in_order(gongkai: Run) -> None:
    story = json.loads(gongkai("history", url(YUNHE, 2020), "--json").stdout)
    assert [(each["event"], each["what"]) for each in story] == [
        ("version", "version 1"), ("outcome", "new"), ("field", "agency"), ("outcome", "unchanged"),
    ] or [(each["event"], each["what"]) for each in story] == [
        ("version", "version 1"), ("outcome", "new"), ("outcome", "unchanged"), ("field", "agency"),
    ]  # fmt: skip
    assert RENAMED in next(each["detail"] for each in story if each["event"] == "field")


def test_history_of_a_page_that_failed_tells_why(gongkai: Run) -> None:
    lines = gongkai("history", url(QINGSHAN, 2022)).stdout.decode()
    assert "failed" in lines
    assert "connection refused" in lines


def test_diff_gives_changed_lines_words_and_figures(gongkai: Run) -> None:
    lines = gongkai("diff", CHANGED).stdout.decode()
    assert "{+新增一句。+}" in lines
    assert "[-61-]" in lines
    compared = json.loads(gongkai("diff", CHANGED, "1", "2", "--json").stdout)
    (figure,) = compared["figures"]
    assert (figure["old"], figure["new"], figure["difference"]) == (61, 63, 2)
    assert {line["change"] for line in compared["lines"]} == {"changed"}


def test_diff_of_a_single_version_finds_no_difference(gongkai: Run) -> None:
    done = gongkai("diff", url(YUNHE, 2019))
    assert done.returncode == 0
    assert done.stdout.decode().endswith("there is only this version: no difference\n")


def test_status_tells_runs_verdicts_and_the_silent_portal(gongkai: Run) -> None:
    status = json.loads(gongkai("status", "--json").stdout)
    assert [run["verdict"] for run in status["runs"]] == ["bad", "good"]
    assert [portal["portal"] for portal in status["silent"]] == [QINGSHAN]
    assert {visit["portal"] for visit in status["next_visits"]} == {YUNHE, QINGSHAN}
    assert b"gone silent" in gongkai("status").stdout


@pytest.mark.parametrize("command", [["search", "复议"], ["show", CHANGED], ["status"]])
def test_output_never_fails_on_the_locale(gongkai_process: Run, command: list[str]) -> None:
    done = gongkai_process(*command, **ASCII)
    assert done.returncode == 0, done.stderr
    assert b"\\u" in done.stdout
    assert done.stdout.isascii()


def test_json_is_json_in_an_ascii_locale(gongkai_process: Run) -> None:
    page = json.loads(gongkai_process("show", CHANGED, "--json", **ASCII).stdout.decode("ascii"))
    assert page["title"].startswith("云河县")


def test_columns_stay_aligned_under_wide_characters(gongkai: Run) -> None:
    lines = gongkai("status").stdout.decode().splitlines()
    first = next(line for line in lines if line.startswith("qingshan"))
    second = next(line for line in lines if line.startswith("portal"))
    wide = first.index("2026") + sum(1 for sign in first[: first.index("2026")] if ord(sign) > 255)
    assert second.index("last content") == wide


@pytest.mark.parametrize(
    "command", [["export", "figures", "-o", "-"], ["show", CHANGED], ["verify"]]
)
def test_a_closed_pipe_is_quiet_and_no_verdict(home: Path, root: Path, command: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archive.cli", *command, "--home", str(home)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == 128 + signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()


def test_every_command_has_an_example_in_its_help(gongkai: Run) -> None:
    for command in ("search", "show", "history", "diff", "status", "export", "serve"):
        told = gongkai(command, "--help")
        assert told.returncode == 0
        assert f"example: gongkai {command}".encode() in told.stdout


def test_a_read_only_home_can_be_asked(gongkai: Run, tmp_path: Path, home: Path) -> None:
    database = tmp_path / "archive.sqlite"
    database.write_bytes((home / "archive.sqlite").read_bytes())
    database.chmod(0o444)
    assert gongkai("search", "复议", "--home", str(tmp_path)).returncode == 0
