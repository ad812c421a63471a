"""The table of routes: what follows from a row is so for every URL."""

import csv
import gzip
import io
import json
import re

import httpx
import pytest

from archive.web.openapi import document
from archive.web.route_table import API_ROUTES, PAGE_ROUTES
from archive.web.routes import ApiRoute
from tests.support.invented import YUNHE, url

CHANGED = url(YUNHE, 2021)
# Where an example that fits every archive cannot be given.
KNOWN = {
    "/api/compare": "/api/compare?body=云河县", "/api/bodies": "/api/bodies?q=云河",
    "/api/body": "/api/body?id=1",
    "/api/similar/passages": f"/api/similar/passages?url={CHANGED}&other={url(YUNHE, 2022)}",
}  # fmt: skip
# Every invented report prints its day and came in time, and none is compared with others;
# tests/journeys/test_six_questions.py has others.
WITHOUT_ROWS = ("/api/late", "/api/late/undated", "/api/similar")
ROWS = [route for route in API_ROUTES if route.csv]


def example(route: ApiRoute) -> str:
    """A URL of this route that has an answer in the invented archive."""
    return KNOWN.get(route.path) or route.example or f"{route.path}?url={CHANGED}"


@pytest.mark.parametrize("route", API_ROUTES, ids=lambda route: route.path)
def test_an_answer_has_the_members_that_are_declared(client: httpx.Client, route: ApiRoute) -> None:
    answer = client.get(example(route)).json()
    kinds = {
        "string": str,
        "array": list,
        "object": dict,
        "boolean": bool,
        "integer": int,
        "number": float,
    }
    for member in route.gives:
        value = answer[member.name]
        assert isinstance(value, kinds[member.kind]) or (member.optional and value is None)


@pytest.mark.parametrize("route", ROWS, ids=lambda route: route.path)
def test_rows_have_the_columns_that_are_declared(client: httpx.Client, route: ApiRoute) -> None:
    rows = client.get(example(route)).json()[route.csv]
    assert rows or route.path in WITHOUT_ROWS
    assert all(set(row) == set(route.columns) for row in rows)
    joint = "&" if "?" in example(route) else "?"
    told = client.get(f"{example(route)}{joint}format=csv")
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    assert told.content.startswith("\ufeff".encode())
    read = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig"))))
    assert read[0] == [*route.columns]
    assert len(read) == len(rows) + 1


def test_csv_comes_for_whoever_prefers_it_and_a_parameter_says_more(client: httpx.Client) -> None:
    def kind(path: str, accept: str) -> str:
        return client.get(path, headers={"Accept": accept}).headers["content-type"].split(";")[0]

    assert kind("/api/runs", "text/csv") == "text/csv"
    assert kind("/api/runs", "application/json, text/csv;q=0.5") == "application/json"
    assert kind("/api/runs", "text/csv;q=zzz") == "application/json"
    assert kind("/api/runs?format=json", "text/csv") == "application/json"
    assert kind("/api/status", "text/csv") == "application/json"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("yaer=2021", "did you mean year"), ("year=x", "whole number of 1990 to 2100"),
        ("year=٢٠٢١", "whole number"), ("year=2021&year=2022", "is given 2 times"),
        ("format=cvs", "did you mean csv"), ("portal=%00", "NUL"), ("portal=%E2%80%AEx", "control"),
        ("portal=" + "x" * 101, "more than 100 characters"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_meant_is_told(
    client: httpx.Client, query: str, hint: str
) -> None:
    answer = client.get(f"/api/reports?{query}")
    assert answer.status_code == 400
    assert hint in answer.json()["error"]


def test_a_blank_parameter_is_one_that_is_not_given(client: httpx.Client) -> None:
    assert client.get("/api/reports?portal=&year=%20").json() == client.get("/api/reports").json()


def test_an_unknown_url_suggests_one(client: httpx.Client) -> None:
    answer = client.get("/api/serach")
    assert answer.status_code == 404
    assert "/api/search" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/runs", "/runs", "/api/openapi.json"])
def test_who_has_an_answer_already_gets_none(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    for known in ("*", first.headers["etag"].removeprefix("W/")):
        assert client.get(path, headers={"If-None-Match": known}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_answers_are_packed_for_whoever_takes_that(client: httpx.Client) -> None:
    with client.stream("GET", "/api/status", headers={"Accept-Encoding": "br, gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == "gzip"
    for refused in ("", "gzip;q=0", "identity"):
        plain = client.get("/api/status", headers={"Accept-Encoding": refused})
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(raw) == plain.content
        assert "Accept-Encoding" in plain.headers["vary"]


def test_the_openapi_document_has_every_url_with_its_parameters(client: httpx.Client) -> None:
    told = client.get("/api/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert [*told["paths"]] == [route.path for route in API_ROUTES]
    for route in API_ROUTES:
        operation = told["paths"][route.path]["get"]
        assert [each["name"] for each in operation["parameters"]] == [*route.declared()]
        assert all(each["description"] for each in operation["parameters"])
    identities = [each["get"]["operationId"] for each in told["paths"].values()]
    assert len({*identities}) == len(identities)
    for reference in re.findall(r'"\$ref": "#/components/responses/(\w+)"', json.dumps(told)):
        assert reference in told["components"]["responses"]
    assert document(API_ROUTES, told["servers"][0]["url"]) == told


def test_every_path_stands_once_and_its_braces_are_parameters() -> None:
    routes = (*API_ROUTES, *PAGE_ROUTES)
    assert len({route.path for route in routes}) == len(routes)
    for route in routes:
        in_path = [each.name for each in route.parameters if each.in_path]
        assert in_path == re.findall(r"{(\w+)}", route.path)
        assert len(route.declared()) >= len(route.parameters)
