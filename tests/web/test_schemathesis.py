"""The API holds what its OpenAPI document says, whatever it is asked: on both engines."""

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from archive.web.openapi import document
from archive.web.route_table import API_ROUTES
from tests.web.conftest import PLAIN

# Every boundary of every parameter is for the long run (test_schemathesis_long.py).
SHORT = schemathesis.openapi.from_dict(document(API_ROUTES, "http://127.0.0.1"))
SHORT.config.phases.coverage.enabled = False
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def base(client: httpx.Client) -> str:
    """Where the API over the invented archive is reached, on each engine."""
    return str(client.base_url).rstrip("/")


# A name that the archive does not have is 400, and no schema tells which it has. A method that
# only changes things is refused before anything knows the URL.
NOT_CHECKED = [unsupported_method, positive_data_acceptance]


def hold(case: schemathesis.Case, base: str) -> None:
    case.call_and_validate(base_url=base, excluded_checks=NOT_CHECKED)


@SHORT.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=QUIET)
def test_the_api_holds_its_document(case: schemathesis.Case, base: str) -> None:
    hold(case, base)


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.path)
@pytest.mark.parametrize("value", ["\0", "\u202eabc", "复" * 400, "'; --", "\ud83d"])
def test_hostile_values_end_with_an_answer_or_an_error_of_the_asker(
    base: str, route: object, value: str
) -> None:
    with httpx.Client(base_url=base, timeout=30, verify=PLAIN) as client:
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
