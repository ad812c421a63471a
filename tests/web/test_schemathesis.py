"""The API holds what its OpenAPI document says, whatever it is asked: on both engines."""

import importlib.util
import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from sqlalchemy import create_engine, text

from archive.search.index import open_indexed
from archive.web.openapi import document
from archive.web.route_table import API_ROUTES
from tests.support.invented import fill
from tests.web.conftest import served

SERVER = os.environ.get("GONGKAI_TEST_PG", "")
DOCUMENT = schemathesis.openapi.from_dict(document(API_ROUTES, "http://127.0.0.1"))
# Every boundary of every parameter is for the long run.
SHORT = schemathesis.openapi.from_dict(document(API_ROUTES, "http://127.0.0.1"))
SHORT.config.phases.coverage.enabled = False
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the API over the invented archive is reached."""
    if request.param == "sqlite":
        yield from asked(str(made(tmp_path_factory.mktemp("schemathesis"))))
        return
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    name = f"t_{uuid.uuid4().hex}"
    engine = create_engine(SERVER)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    joint = "&" if "?" in SERVER else "?"
    yield from asked(made(f"{SERVER}{joint}options=-csearch_path%3D{name}"))
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def made(place: str | Path) -> str | Path:
    fill(place).close()
    return place


def asked(place: str | Path) -> Iterator[str]:
    with open_indexed(place) as store, served(store) as client:
        yield str(client.base_url).rstrip("/")


# A name that the archive does not have is 400, and no schema tells which it has. A method that
# only changes things is refused before anything knows the URL.
NOT_CHECKED = [unsupported_method, positive_data_acceptance]


def hold(case: schemathesis.Case, base: str) -> None:
    case.call_and_validate(base_url=base, excluded_checks=NOT_CHECKED)


@SHORT.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=QUIET)
def test_the_api_holds_its_document(case: schemathesis.Case, base: str) -> None:
    hold(case, base)


@pytest.mark.slow
@DOCUMENT.parametrize()
@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
def test_the_api_holds_its_document_for_long(case: schemathesis.Case, base: str) -> None:
    hold(case, base)


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.path)
@pytest.mark.parametrize("value", ["\0", "\u202eabc", "复" * 400, "'; --", "\ud83d"])
def test_hostile_values_end_with_an_answer_or_an_error_of_the_asker(
    base: str, route: object, value: str
) -> None:
    with httpx.Client(base_url=base, timeout=30) as client:
        for name in route.declared():  # type: ignore[attr-defined]
            spelled = quote(value.encode("utf-8", "surrogatepass"))
            answer = client.get(f"{route.path}?{name}={spelled}")  # type: ignore[attr-defined]
            assert answer.status_code < 500, (name, answer.text)


@pytest.mark.parametrize("size", [5_000, 60_000, 100_000, 300_000])
def test_a_query_of_any_size_is_refused(base: str, size: int) -> None:
    where = urlsplit(base)
    with closing(HTTPConnection(where.hostname or "", where.port, timeout=30)) as connection:
        connection.request("GET", f"/api/search?q={'x' * size}")
        assert connection.getresponse().status == 400
