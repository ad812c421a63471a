"""What was read from pictures in the ledger: kept once, shown beside each figure, counted or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from archive.model.errors import DamageError
from archive.model.optical import Certainty
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.query.optical import count_unreadable_versions
from archive.store.write.optical_documents import keep_document, pack_document, unpack_document
from tests.store.making import NOW
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import YUNHE, fill, statistics, url
from tests.support.pictures import ENGINE, see, seen

SCANNED = url(YUNHE, 2021)
WRONG = 3


@pytest.fixture(scope="module", params=ENGINES)
def scanned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """One report of the invented archive was read from a picture; its fourth figure is wrong."""
    with ledger_on(request.param, tmp_path_factory.mktemp("scanned")) as place:
        fill(Path(place) if request.param == "sqlite" else place).close()
        with open_indexed(place) as store:
            see(
                store,
                SCANNED,
                lambda n: Certainty.CONTRADICTED if n == WRONG else Certainty.CONFIRMED,
            )
            yield store


def rows(store: Store, query: str) -> list[dict[str, object]]:
    with store.read() as connection:
        return [dict(row) for row in connection.execute(text(query), {"url": SCANNED}).mappings()]


def test_a_document_comes_back_as_it_was() -> None:
    document = seen("云溪县", statistics(61))
    assert unpack_document(pack_document(document)) == document


def test_what_is_no_document_is_damage() -> None:
    for packed in (b"", b"x", pack_document(seen("", statistics(61)))[:-9]):
        with pytest.raises(DamageError):
            unpack_document(packed)


def test_the_same_pictures_and_engine_are_kept_once(scanned: Store) -> None:
    first, other = (seen("云溪县", statistics(61), engine) for engine in (ENGINE, "double 2.0"))
    with scanned.write() as connection:
        ids = [
            keep_document(connection, "p", each, NOW).document_id for each in (first, first, other)
        ]
    assert ids[0] == ids[1] != ids[2]


def test_each_figure_says_how_sure_it_is_and_where_it_stands(scanned: Store) -> None:
    found = rows(
        scanned, "SELECT * FROM figures WHERE url = :url AND current AND origin IS NOT NULL"
    )
    assert {row["confirmation"] for row in found} == {"confirmed", "contradicted"}
    assert {(row["engine"], row["confidence"], row["box_page"]) for row in found} == {
        (ENGINE, 0.9876, 1)
    }
    others = rows(
        scanned,
        "SELECT DISTINCT origin, confirmation, confidence, engine, box_x FROM figures WHERE url <> :url",
    )
    assert [set(row.values()) for row in others] == [{None}]


def test_a_contradicted_figure_is_not_counted(scanned: Store) -> None:
    [wrong] = rows(
        scanned,
        "SELECT indicator, applicant FROM figures WHERE url = :url AND confirmation = 'contradicted'",
    )
    counted = rows(
        scanned,
        "SELECT indicator, applicant, origin, confirmation FROM figures_current WHERE url = :url",
    )
    keys = [(row["indicator"], row["applicant"]) for row in counted]
    assert (wrong["indicator"], wrong["applicant"]) not in keys
    assert {(row["origin"], row["confirmation"]) for row in counted if row["indicator"]} == {
        ("ocr", "confirmed")
    }
    prose = [row for row in counted if row["indicator"] is None]
    assert {row["confirmation"] for row in prose} == {"unconfirmed"}


def test_a_version_of_whose_pictures_none_could_be_read_is_counted(scanned: Store) -> None:
    told = (
        "INSERT INTO finding (page_id, version_id, rule, severity, message, evidence)"
        " SELECT page_id, version_id, :rule, 'info', 'whatever it says', '' FROM optical_reading"
        " JOIN version ON version.id = version_id"
    )
    for rule, number in (("read_from_pictures", 0), ("image_only", 1)):
        with scanned.read() as connection:
            connection.execute(text(told), {"rule": rule})
            assert count_unreadable_versions(connection) == number
            connection.rollback()
