"""The OpenAPI 3.1 document of the API, made from the table of routes."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from archive.web.request_parameters import Parameter
from archive.web.routes import ApiRoute, Member

_ERRORS = {
    "400": "A parameter is unknown, missing or cannot be meant; the message says what may be.",
    "404": "The archive has no such page.",
    "429": "This client asks too often, or has too many questions waiting; see Retry-After.",
    "451": "What is asked for is withdrawn from public view.",
    "503": "The answer would take too long, or too many wait; see Retry-After.",
}
# A form sends what was left blank: it counts as not given.
_BLANK = {"type": "string", "pattern": r"^\s*$"}
_RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}


def document(routes: Sequence[ApiRoute], server: str) -> dict[str, Any]:
    """The document (spec.openapis.org/oas/v3.1.1). server: where the API is reached."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Gongkai",
            "summary": "Annual open-government reports of Chinese public bodies",
            "version": _version(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server or "/"}],
        "paths": {route.path: {"get": _operation(route)} for route in routes},
        "components": {"responses": {f"E{code}": _error(code) for code in _ERRORS}},
    }


def _version() -> str:
    try:
        return version("gongkai")
    except PackageNotFoundError:  # run from a folder without installation
        return "0"


def _operation(route: ApiRoute) -> dict[str, Any]:
    content = {"application/json": {"schema": _object(route.gives)}}
    if route.csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    responses: dict[str, Any] = {
        "200": {"description": route.summary, "content": content},
        "304": {"description": "The client has this answer already (If-None-Match)."},
    }
    responses |= {code: {"$ref": f"#/components/responses/E{code}"} for code in _ERRORS}
    made = {
        "operationId": route.path.removeprefix("/api/").replace("/", "_").translate(_NO_BRACES),
        "summary": route.summary,
        "parameters": [_parameter(each) for each in route.declared().values()],
        "responses": responses,
    }
    return made | ({"description": route.description} if route.description else {})


_NO_BRACES = str.maketrans("", "", "{}")


def _parameter(each: Parameter) -> dict[str, Any]:
    schema = each.schema()
    if not each.needed and not each.in_path and not _takes_any_text(schema):
        schema = {"anyOf": [schema, _BLANK]}
    made: dict[str, Any] = {
        "name": each.name,
        "in": "path" if each.in_path else "query",
        "description": each.meaning,
        "required": each.needed or each.in_path,
        "schema": {"type": "array", "items": schema} if each.many else schema,
    }
    return made if each.example is None else made | {"example": each.example}


def _takes_any_text(schema: dict[str, Any]) -> bool:
    return schema["type"] == "string" and not schema.keys() & {"enum", "pattern"}


def _object(members: Sequence[Member]) -> dict[str, Any]:
    properties = {
        each.name: {
            "type": [each.kind, "null"] if each.optional else each.kind,
            "description": each.meaning,
        }
        for each in members
    }
    return {"type": "object", "properties": properties, "required": [*properties]}


def _error(code: str) -> dict[str, Any]:
    said = (Member("error", "string", "one sentence"),)
    made: dict[str, Any] = {
        "description": _ERRORS[code],
        "content": {"application/json": {"schema": _object(said)}},
    }
    return made | ({"headers": _RETRY} if code in ("429", "503") else {})
