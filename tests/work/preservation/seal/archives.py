"""A small archive of three runs, each with its WARC file, sealed after each one; and what people
who can write its folder could do to it.
"""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.store import Store
from archive.work.home import Home
from archive.work.preservation.seal import standalone
from archive.work.preservation.seal.keys import public_pem
from archive.work.preservation.seal.make import make_seal
from tests.support.invented import DAY, YUNHE, Site, county, crawl, report, url
from tests.warc.making import answer, exchange, writer

SCRIPT = Path(standalone.__file__)
PAGE = "<p>予以公开 61 件</p>".encode()
FORGED = "<p>予以公开 16 件</p>".encode()


@dataclass(frozen=True)
class Sealed:
    """An archive with three seals, and the key that signed them."""

    home: Path
    key: Ed25519PrivateKey
    public: Path


def name_of(run: int) -> str:
    return f"run-{run}.warc.gz"


def run(home: Path, number: int) -> None:
    """A crawl: rows in the ledger, and the file that they name."""
    with Store.open(home) as store:
        changed = report("云河县", 2021, granted=60 + number)
        site = county(YUNHE, "云河县", (2020, 2021)) | {url(YUNHE, 2021): changed}
        crawl(store, Site(readings=site), now=DAY + timedelta(days=number))
    change(home, f"UPDATE warc_file SET name = '{name_of(number)}' WHERE name = 'test.warc.gz'")  # noqa: S608 - our own name
    change(
        home,
        "INSERT INTO public_body (id, name, division, kind) VALUES (1, '云河县人民政府', '530000',"
        " 'government') ON CONFLICT (id) DO UPDATE SET kind = kind",
    )
    change(home, "UPDATE version SET public_body_id = 1 WHERE kind = 'report'")
    put_warc(home, number, PAGE)


def put_warc(home: Path, number: int, body: bytes) -> None:
    """A file whose digests fit, whatever stands in it: its writer computes them."""
    folder = Home(home).warc
    folder.mkdir(exist_ok=True)
    warc = writer(home / "scratch", start=number * 100)
    (home / "scratch").mkdir(exist_ok=True)
    warc.append(exchange(answer(body), day=number))
    warc.close()
    [made] = (home / "scratch").iterdir()
    made.replace(folder / name_of(number))
    (home / "scratch").rmdir()


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "archive.sqlite")) as ledger, ledger:
        assert ledger.execute(statement).rowcount > 0


def add_outcome(home: Path, run: int, page: int) -> None:
    columns = "(run_id, page_id, outcome, reason, attempts, at)"
    values = f"SELECT {run}, {page}, 'gone', 'x', 1, at FROM outcome LIMIT 1"  # noqa: S608 - numbers
    change(home, f"INSERT INTO outcome {columns} {values}")


def seal(home: Path, key: Ed25519PrivateKey | None = None, **options: object):
    with Store.open(home) as store:
        return make_seal(Home(home), store, key, **options)


def save_public(key: Ed25519PrivateKey, path: Path) -> Path:
    path.write_bytes(public_pem(key.public_key()))
    return path


def script(home: Path, *args: object) -> list[str]:
    return [sys.executable, "-I", str(SCRIPT), str(home), *map(str, args)]


Tampering = Callable[[Path], None]


def forged_figure_in_a_warc(home: Path) -> None:
    put_warc(home, 2, FORGED)


def cut_warc(home: Path) -> None:
    path = home / "warc" / name_of(2)
    path.write_bytes(path.read_bytes()[:-1])


def removed_warc(home: Path) -> None:
    (home / "warc" / name_of(1)).unlink()


def added_warc(home: Path) -> None:
    put_warc(home, 9, PAGE)


def forged_capture(home: Path) -> None:
    change(home, "UPDATE capture SET status = 404 WHERE id = 1")


def forged_outcome(home: Path) -> None:
    change(home, "UPDATE outcome SET outcome = 'gone' WHERE run_id = 2 AND page_id = 1")


def added_outcome(home: Path) -> None:
    add_outcome(home, 3, 9)


def forged_title(home: Path) -> None:
    change(home, "UPDATE version SET title = '无' WHERE id = 2")


def forged_figure(home: Path) -> None:
    change(home, "UPDATE figure SET value = '16' WHERE version_id = 2 AND position = 0")


def forged_statement(home: Path) -> None:
    change(home, "UPDATE statement SET value = '7' WHERE position = 0")


def removed_statements(home: Path) -> None:
    change(home, "DELETE FROM statement")


def forged_year(home: Path) -> None:
    change(home, "UPDATE version SET report_year = 2019 WHERE id = 2")


def forged_kind(home: Path) -> None:
    change(home, "UPDATE version SET kind = 'attachment' WHERE id = 2")


def forged_official(home: Path) -> None:
    change(home, "UPDATE version SET official = 1 - official WHERE id = 2")


def forged_reader(home: Path) -> None:
    change(home, "UPDATE version SET reader_version = '0' WHERE id = 2")


def forged_succession(home: Path) -> None:
    change(home, "UPDATE version SET supersedes = NULL WHERE supersedes IS NOT NULL")


def forged_body(home: Path) -> None:
    change(home, "UPDATE public_body SET name = '别县'")


def forged_division(home: Path) -> None:
    change(home, "UPDATE public_body SET division = '110000'")


def forged_verdict(home: Path) -> None:
    change(home, "UPDATE run SET verdict = 'bad', reason = '无' WHERE id = 2")


def forged_status(home: Path) -> None:
    change(home, "UPDATE run SET status = 'crashed' WHERE id = 2")


def forged_times(home: Path) -> None:
    change(home, "UPDATE run SET ended_at = started_at WHERE id = 2")


def forged_counts(home: Path) -> None:
    change(home, """UPDATE run SET counts = '{"new": 99}' WHERE id = 2""")


def forged_source(home: Path) -> None:
    change(
        home,
        "INSERT INTO source SELECT 1, 'x', 'x.warc', 'warc', 1, NULL, 1, started_at FROM run LIMIT 1",
    )
    change(home, "INSERT INTO capture_source VALUES (1, 1, '', 0, NULL, NULL, NULL, NULL)")


def added_version(home: Path) -> None:
    columns = "page_id, content_hash, body_hash, capture_id, run_id, captured_at, kind, official"
    columns += ", reader_version"
    change(
        home,
        f"INSERT INTO version (id, number, {columns}) SELECT 99, 9, {columns} FROM version"  # noqa: S608 - ours
        " WHERE id = 1",
    )


def removed_version(home: Path) -> None:
    change(home, "DELETE FROM version WHERE id = 1")


def removed_first_seal(home: Path) -> None:
    (home / "seals" / "1.json").unlink()


def removed_seal(home: Path) -> None:
    (home / "seals" / "2.json").unlink()


def removed_last_seal(home: Path) -> None:
    (home / "seals" / "3.json").unlink()


def reordered_chain(home: Path) -> None:
    second, third = home / "seals" / "2.json", home / "seals" / "3.json"
    content = second.read_bytes()
    second.write_bytes(third.read_bytes())
    third.write_bytes(content)


def changed_seal(home: Path) -> None:
    path = home / "seals" / "2.json"
    path.write_bytes(path.read_bytes().replace(b'"rows":3', b'"rows":4'))


def seal_spelled_otherwise(home: Path) -> None:
    path = home / "seals" / "3.json"
    path.write_bytes(path.read_bytes() + b"\n")


def seal_of_nothing(home: Path) -> None:
    (home / "seals" / "3.json").write_bytes(b"[]")


def all_sealed_anew_with_another_key(home: Path) -> None:
    """The forger has no key, but can make one."""
    for path in (home / "seals").iterdir():
        path.unlink()
    put_warc(home, 2, FORGED)
    seal(home, Ed25519PrivateKey.generate())


def all_sealed_anew_without_a_key(home: Path) -> None:
    for path in (home / "seals").iterdir():
        path.unlink()
    put_warc(home, 2, FORGED)
    seal(home)


# Tampering -> the rules that name it.
CASES: dict[Tampering, set[str]] = {
    forged_figure_in_a_warc: {"sealed_file"},
    cut_warc: {"sealed_file"},
    removed_warc: {"sealed_file"},
    added_warc: {"unsealed"},
    forged_capture: {"sealed_captures"},
    forged_outcome: {"sealed_outcomes"},
    forged_title: {"sealed_version"},
    forged_figure: {"sealed_version"},
    forged_statement: {"sealed_version"},
    removed_statements: {"sealed_version"},
    forged_year: {"sealed_version"},
    forged_kind: {"sealed_version"},
    forged_official: {"sealed_version"},
    forged_reader: {"sealed_version"},
    forged_succession: {"sealed_version"},
    forged_body: {"sealed_version"},
    forged_division: {"sealed_version"},
    forged_verdict: {"sealed_run"},
    forged_status: {"sealed_run"},
    forged_times: {"sealed_run"},
    forged_counts: {"sealed_run"},
    forged_source: {"sealed_captures"},
    added_version: {"unsealed"},
    removed_version: {"sealed_version"},
    removed_first_seal: {"seal_missing"},
    removed_seal: {"seal_missing"},
    removed_last_seal: {"unsealed"},
    reordered_chain: {"seal_order"},
    changed_seal: {"seal_signature"},
    seal_spelled_otherwise: {"seal_unreadable"},
    seal_of_nothing: {"seal_unreadable"},
    all_sealed_anew_with_another_key: {"seal_key"},
    all_sealed_anew_without_a_key: {"seal_unsigned"},
}
