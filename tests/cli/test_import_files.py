"""What `gongkai import` prints and how it ends."""

import json
from pathlib import Path

from tests.support.invented_home import Run
from tests.warc.making import answer
from tests.work.imports.making import page, report_file, response, written

AT = "2024-03-01T08:00:00Z"


def test_a_dry_run_tells_what_would_be_left_out_and_writes_nothing(
    gongkai: Run, tmp_path: Path
) -> None:
    elsewhere = response(answer(page(1)), url="http://www.example.com/1.html")
    name = response(answer(b"x"), url="dns:www.example.com")
    file = written(tmp_path / "a.warc.gz", response(answer(page(1))), elsewhere, name)
    nowhere = str(tmp_path / "home")
    done = gongkai("import", str(file), "--dry-run", "--home", nowhere)
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    assert "no_portal" in said
    assert "hosts of no portal: http://www.example.com:80 (1)" in said
    assert "1 file: good: 1 capture taken in (dry run: nothing was written)" in said
    assert not Path(nowhere).exists()
    listed = json.loads(
        gongkai("import", str(file), "--dry-run", "--json", "--home", nowhere).stdout
    )
    assert [(row["reason"], row["url"]) for row in listed["records"]] == [
        ("scheme", "dns:www.example.com"),
        ("no_portal", "http://www.example.com/1.html"),
    ]


def test_damage_and_a_file_without_pages_end_with_one(gongkai: Run, tmp_path: Path) -> None:
    half = tmp_path / "half.warc.gz"
    half.write_bytes(report_file(tmp_path / "a.warc.gz", (1, AT), (2, AT)).read_bytes()[:-20])
    done = gongkai("import", str(half), "--dry-run", "--home", str(tmp_path / "home"))
    assert done.returncode == 1
    assert "truncated: the gzip member is cut" in done.stdout.decode()
    nothing = written(tmp_path / "b.warc", response(answer(b""), url="dns:x"))
    done = gongkai("import", str(nothing), "--dry-run", "--home", str(tmp_path / "home"))
    assert (done.returncode, b"nothing in the files" in done.stdout) == (1, True)


def test_wrong_usage_is_one_line(gongkai: Run, tmp_path: Path) -> None:
    file = report_file(tmp_path / "a.warc", (1, AT))
    for wrong in (("--portal", "x", "--all"), ("--copy", "--refer"), ("--portal", "nobody")):
        done = gongkai("import", str(file), *wrong, "--home", str(tmp_path / "home"))
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1
    assert gongkai("import", str(tmp_path / "none.warc")).returncode == 2
