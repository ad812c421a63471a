"""changes as people type it."""

import json

import pytest

from tests.support.invented import YUNHE, url

pytestmark = pytest.mark.usefixtures("on_each_engine")
CHANGED = url(YUNHE, 2021)


def found(gongkai, *arguments):
    done = gongkai("changes", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_changes_are_lines_newest_first(gongkai):
    lines = gongkai("changes").stdout.decode().splitlines()
    assert len(lines) == 4
    figure = next(line for line in lines if " figure " in line)
    assert "f21.s3.result.granted natural" in figure
    assert figure.split()[-5:] == ["61", "63", CHANGED, "version", "2"]


def test_json_has_the_columns_of_the_export(gongkai, tmp_path):
    gongkai("export", "changes", "-o", str(tmp_path / "changes.jsonl"))
    text = (tmp_path / "changes.jsonl").read_text("utf-8")
    exported = [json.loads(line) for line in text.splitlines()]
    told = found(gongkai)
    assert [list(row) for row in told] == [list(exported[0])] * 3
    key = ("captured_at", "url", "what")
    for row in (*told, *exported):
        row["captured_at"] = row["captured_at"][:19]
    assert sorted(told, key=lambda row: [row[k] for k in key]) == sorted(
        exported, key=lambda row: [row[k] for k in key]
    )


@pytest.mark.parametrize(
    ("arguments", "whats"),
    [
        (["--what", "figure"], ["figure"]),
        (["--since", "2"], ["field", "figure", "text"]),
        (["--since", "2026-04-03"], []),
        (["--until", "2026-03"], []),
        (["--since", "2026-04-02", "--until", "2026-04-02"], ["field", "figure", "text"]),
        (["--portal", "qingshan"], []),
        (["--indicator", "f21.s3.result.granted"], ["figure"]),
        (["--indicator", "requests_granted"], ["figure"]),
        (["--indicator", "f21.s3.new"], []),
        (["--limit", "1"], ["figure"]),
    ],
)
def test_filters(gongkai, arguments, whats):
    told = found(gongkai, *arguments)
    if "--limit" in arguments:
        assert len(told) == 1
    else:
        assert sorted(row["what"] for row in told) == whats


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--portal", "yunhw"], "did you mean yunhe"),
        (["--since", "yesterday"], "neither a date"),
        (["--since", "9"], "no run 9"),
        (["--since", "2026-03", "--until", "2025"], "since 2026-03-01 is after until 2025-12-31"),
        (["--body", "无此地委员会"], "no public body is called"),
        (["--indicator", "f21.s3.nw"], "did you mean"),
        (["--division", "无此地"], "no division is called"),
        (["--what", "figures"], "did you mean 'figure'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_comes_near(gongkai, arguments, said):
    done = gongkai("changes", *arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_whole_comparisons_are_printed_once_a_version(gongkai):
    said = gongkai("changes", "--diff").stdout.decode()
    assert said.count("version 1 (") == 1
    assert "{+新增一句。+}" in said
    [row] = found(gongkai, "--diff", "--what", "figure")
    assert row["diff"]["figures"][0]["difference"] == 2


def test_an_archive_without_changes_says_so(gongkai, tmp_path, monkeypatch):
    from archive.search.index import open_indexed

    monkeypatch.delenv("GONGKAI_DATABASE_URL", raising=False)
    open_indexed(tmp_path).close()
    done = gongkai("changes", "--home", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"no change\n")
