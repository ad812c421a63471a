"""Files of others become captures, versions and outcomes of this archive."""

import gzip
import hashlib
from pathlib import Path

import pytest
from pyarrow import parquet
from sqlalchemy import text

from archive.model.errors import CannotRunError, HomeLockedError, UsageError
from archive.model.frontier import Record
from archive.model.outcome import Verdict
from archive.store import Store
from archive.store.query import history
from archive.store.query.verdicts import known_by_portal
from archive.store.write.captures import committed_ends
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from archive.work import clock
from archive.work.export.export import export_file
from archive.work.home import Home
from archive.work.imports import reading_in
from archive.work.preservation.verify import verify_archive
from archive.work.query.compare import compare
from archive.work.query.show import history as page_history
from tests.support.transactions import fetch
from tests.warc.making import answer, sha1
from tests.work.imports.making import (
    REPORT,
    SITE,
    page,
    report_file,
    response,
    revisit,
    taken_in,
    written,
)

FIRST, SECOND, THIRD = (f"202{n}-03-01T08:00:00Z" for n in (2, 3, 4))


def versions(home: Path) -> list[tuple[int, str, int | None]]:
    """Of the report, oldest first: number, year of the capture, what it supersedes."""
    with Store.open(home) as store:
        found = fetch(store, history.versions, REPORT)
        return [(each.number, f"{each.captured_at:%Y}", each.supersedes) for each in found]


def outcomes(home: Path) -> list[str | None]:
    """Of the report's captures, oldest first."""
    with Store.open(home) as store:
        return [each.outcome for each in fetch(store, history.captures_at, REPORT)]


def damages(home: Path) -> list[str]:
    with Store.open(home) as store:
        rows = fetch(store, history.committed_captures)
        return [
            str(each) for each in verify_archive(Home(home), rows, fetch(store, committed_ends))
        ]


def test_captures_of_a_page_become_its_versions_in_the_order_of_time(tmp_path: Path) -> None:
    home = tmp_path / "home"
    mixed = report_file(tmp_path / "a.warc.gz", (2, SECOND), (1, FIRST), (2, THIRD))
    report = taken_in(home, mixed)
    assert (report.verdict, report.new) == (Verdict.GOOD, 3)
    assert versions(home) == [(1, "2022", None), (2, "2023", 1)]
    assert outcomes(home) == ["new", "changed", "unchanged"]
    assert damages(home) == []
    with Store.open(home) as store:
        [first, *_] = fetch(store, history.captures_at, REPORT)
        assert read_block(home / "warc", first.spot) == answer(page(1))
        assert set(fetch(store, known_by_portal)) == {first_key(store)}


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_was_decoded_under_its_old_length_is_whole_where_its_digest_says_so(
    tmp_path: Path, *, told: bool
) -> None:
    """Else what stands behind the length belongs to no answer, as on the wire."""
    home, body = tmp_path / "home", page(1)
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gb2312\r\nContent-Length: 100\r\n\r\n"
    )
    digest = sha1(body) if told else None
    record = response(head + body, at=FIRST, WARC_Payload_Digest=digest)
    file = written(tmp_path / "a.warc.gz", record)
    assert taken_in(home, file).new == 1
    assert taken_in(home, file).known == 1
    with Store.open(home) as store:
        [first] = fetch(store, history.captures_at, REPORT)
        kept = parse_response(read_block(home / "warc", first.spot), limits=Limits())
    assert kept.transferred().body == (body if told else body[:100])
    assert kept.header("X-Archive-Orig-Content-Length") == ("100" if told else None)
    assert [each for each in damages(home) if "http_length" not in each] == []
    assert bool(damages(home)) is not told


def first_key(store: Store) -> str:
    found = fetch(store, history.latest_version, REPORT)
    assert found is not None
    return found.portal_key


def test_the_same_file_twice_and_the_same_capture_from_two_files_are_taken_in_once(
    tmp_path: Path,
) -> None:
    home, record = tmp_path / "home", response(answer(page(1)), at=FIRST)
    one, other = written(tmp_path / "a.warc.gz", record), written(tmp_path / "b.warc", record)
    assert taken_in(home, one).new == 1
    before = versions(home)
    again = taken_in(home, one, other)
    assert (again.verdict, again.new, again.known) == (Verdict.GOOD, 0, 2)
    assert (versions(home), outcomes(home)) == (before, ["new"])


def test_an_earlier_capture_never_becomes_the_latest_version(tmp_path: Path) -> None:
    """It takes the next number and its place in time; numbers that were cited stay."""
    home = tmp_path / "home"
    taken_in(home, report_file(tmp_path / "a.warc", (3, THIRD)))
    taken_in(home, report_file(tmp_path / "b.warc", (1, FIRST), (3, SECOND)))
    assert versions(home) == [(2, "2022", None), (1, "2024", None)]
    assert outcomes(home) == ["new", "unchanged", "new"]
    with Store.open(home) as store:
        latest = fetch(store, history.latest_version, REPORT)
        assert latest is not None
        assert (latest.number, "申请3件" in latest.text) == (1, True)
        view = page_history(store, REPORT)
        assert (view.page.latest, view.page.versions) == (1, 2)
        assert [each.number for each in view.versions] == [2, 1]
        compared = compare(store, REPORT)
        assert (compared.old.number, compared.new.number) == (2, 1)
    taken_in(home, report_file(tmp_path / "c.warc", (4, "2025-03-01T08:00:00Z")))
    assert versions(home) == [(2, "2022", None), (1, "2024", None), (3, "2025", 1)]
    assert damages(home) == []


def test_a_revisit_finds_its_original_in_another_file_or_in_the_archive(tmp_path: Path) -> None:
    home = tmp_path / "home"
    original = report_file(tmp_path / "z.warc.gz", (1, FIRST))
    whole = answer(page(1))
    head = whole[: whole.index(b"\r\n\r\n") + 4]
    again = written(
        tmp_path / "a.warc.gz",
        revisit(at=SECOND, of=page(1), head=head),
        revisit(at=THIRD, WARC_Refers_To_Target_URI=REPORT, WARC_Refers_To_Date=FIRST),
    )
    assert taken_in(tmp_path / "other", again).verdict is Verdict.BAD
    report = taken_in(home, again, original)
    assert (report.verdict, report.new) == (Verdict.GOOD, 3)
    assert outcomes(home) == ["new", "unchanged", "unchanged"]
    assert damages(home) == []
    elsewhere = f"{SITE}/nb/copy.html"
    late = written(tmp_path / "l.warc", revisit(url=elsewhere, at=THIRD, of=page(1), head=head))
    assert taken_in(home, late).new == 1
    with Store.open(home) as store:
        copy = fetch(store, history.latest_version, elsewhere)
        assert copy is not None
        assert (f"{copy.captured_at:%Y}", "申请1件" in copy.text) == ("2024", True)
    assert damages(home) == []


def test_a_revisit_that_names_another_body_than_it_refers_to_is_told(tmp_path: Path) -> None:
    names = {"WARC_Refers_To_Target_URI": REPORT, "WARC_Refers_To_Date": FIRST}
    other = revisit(at=SECOND, of=page(2), head=answer(b""), **names)
    file = written(tmp_path / "a.warc", response(answer(page(1)), at=FIRST), other)
    report = taken_in(tmp_path / "home", file)
    assert (report.verdict, dict(report.left_out)) == (Verdict.BAD, {"revisit": 1})
    both = [response(answer(page(number)), at=FIRST) for number in (2, 1)]
    report = taken_in(tmp_path / "other", written(tmp_path / "b.warc", *both, other))
    assert (report.verdict, report.new) == (Verdict.GOOD, 3), "of two bodies of one second"


def test_after_content_came_back_a_revisit_makes_a_version(tmp_path: Path) -> None:
    home = tmp_path / "home"
    back = revisit(at=THIRD, of=page(1), head=b"")
    file = written(
        tmp_path / "a.warc", back, response(answer(page(1)), at=FIRST),
        response(answer(page(2)), at=SECOND),
    )  # fmt: skip
    assert taken_in(home, file).verdict is Verdict.GOOD
    assert versions(home) == [(1, "2022", None), (2, "2023", 1), (3, "2024", 2)]
    assert damages(home) == []


def test_a_defect_of_ours_costs_one_capture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"

    def defect(*_: object) -> Record:
        raise ValueError("nobody\nforesaw this")

    file = report_file(tmp_path / "a.warc", (1, FIRST))
    with monkeypatch.context() as patched:
        patched.setattr(reading_in, "decide_stored", defect)
        assert taken_in(home, file).is_good
    with Store.open(home) as store:
        [ended] = fetch(store, history.outcomes, REPORT)
    assert (ended.outcome, ended.reason) == (
        "failed", "internal error: ValueError: nobody foresaw this",
    )  # fmt: skip
    second = report_file(tmp_path / "b.warc", (2, SECOND))
    with monkeypatch.context() as patched:
        refused = CannotRunError("the disk is full")
        patched.setattr(reading_in, "decide_stored", lambda *_: (_ for _ in ()).throw(refused))
        with pytest.raises(CannotRunError):
            taken_in(home, second)
    taken_in(home, second)
    assert outcomes(home) == ["failed", "new"]


def test_an_import_waits_for_no_crawl_and_asks_for_real_files(tmp_path: Path) -> None:
    file = report_file(tmp_path / "a.warc", (1, FIRST))
    home = Home(tmp_path / "home")
    with home.locked(), pytest.raises(HomeLockedError):
        taken_in(home.path, file)
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 nothing of ours")
    (tmp_path / "empty.warc").touch()
    for wrong in ("x.pdf", "empty.warc", "missing.warc"):
        with pytest.raises(UsageError, match=wrong):
            taken_in(home.path, tmp_path / wrong)
    with pytest.raises(UsageError, match="nobody"):
        taken_in(home.path, file, portal="nobody")


def test_files_of_an_archive_of_ours_are_known_to_it_and_new_to_another(tmp_path: Path) -> None:
    """With revisits, and the run records beside the captures."""
    home, other = tmp_path / "home", tmp_path / "other"
    again = revisit(at=SECOND, of=page(1), head=answer(b""))
    not_modified = revisit(at=THIRD, head=b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")
    first = response(answer(page(1)), at=FIRST)
    taken_in(home, written(tmp_path / "a.warc.gz", first, again, not_modified))
    files = sorted((home / "warc").glob("*.warc.gz"))
    own = taken_in(home, *files)
    assert (own.new, own.known, own.damaged) == (0, 3, 0)
    copied = taken_in(other, *files)
    assert (copied.new, copied.damaged) == (3, 0)
    assert outcomes(other) == outcomes(home) == ["new", "unchanged", "unchanged"]
    assert damages(other) == []


def test_where_a_capture_stood_is_exported(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = written(
        tmp_path / "a.warc.gz", response(answer(page(1)), at=FIRST, WARC_Record_ID="<x:y>")
    )
    taken_in(home, file)
    with Store.open(home) as store:
        export_file(store, "captures", tmp_path / "c.parquet", lambda _: None, ending=".parquet")
    [row] = parquet.read_table(tmp_path / "c.parquet").to_pylist()
    assert row["source"] == "a.warc.gz"
    assert row["source_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (row["source_part"], row["source_offset"]) == ("", 0)
    assert (row["source_record_id"], row["rendered"]) == ("<x:y>", False)


def test_a_copy_is_kept_when_it_is_asked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = report_file(tmp_path / "../evil name.warc.gz", (1, FIRST))
    taken_in(home, file, copy=True)
    [copy] = (home / "imports").iterdir()
    assert copy.name.endswith("-evil_name.warc.gz")
    assert copy.read_bytes() == file.read_bytes()
    assert gzip.decompress(copy.read_bytes())


def test_a_truncated_answer_is_read_with_a_doubt_where_nothing_better_is_known(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    cut = answer(page(1)[:-40], b"Content-Length: %d" % len(page(1)))
    taken_in(home, written(tmp_path / "a.warc", response(cut, at=FIRST, WARC_Truncated="length")))
    assert outcomes(home) == ["new"]
    taken_in(home, report_file(tmp_path / "b.warc", (2, SECOND)))
    later = response(cut, at=THIRD, WARC_Truncated="length")
    taken_in(home, written(tmp_path / "c.warc", later))
    assert outcomes(home) == ["new", "changed", "failed"]
    assert damages(home) == []


def test_lists_that_were_read_as_pages_raise_no_doubt_about_the_clock(tmp_path: Path) -> None:
    home, begin = tmp_path / "home", "/zfxxgk/nb/"
    at = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    numbers = [f"{begin}index_{number}.html" for number in range(1, 4)]
    pages = listed_pages([f"{begin}index.html", *numbers])
    records = [response(answer(body), url=SITE + path, at=at) for path, body in pages.items()]
    taken_in(home, written(tmp_path / "a.warc.gz", *reversed(records)))
    with Store.open(home) as store, store.read() as connection:
        roles = connection.execute(text("select role from page")).scalars().all()
    assert "list" in roles
    again = taken_in(home, report_file(tmp_path / "b.warc", (1, FIRST)))
    assert again.warnings == ()


def listed_pages(paths: list[str]) -> dict[str, bytes]:
    """A list in several pages, each with links to the others and to reports of its own."""
    found = {}
    for number, path in enumerate(paths):
        reports = "".join(
            f'<li><a href="/zfxxgk/nb/{number}{each}.html">澄溪县{2010 + each}年政府信息公开年度报告</a></li>'
            for each in range(6)
        )
        further = "".join(f'<a href="{to}">{name}</a> ' for name, to in enumerate(paths, 1))
        html = (
            "<title>政府信息公开年报</title><h1>政府信息公开年报</h1>"
            f'<ul>{reports}</ul><div class="page">{further}<a href="{paths[-1]}">下一页</a></div>'
        )
        found[path] = html.encode()
    return found
