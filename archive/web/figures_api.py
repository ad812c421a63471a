"""What the API answers about numbers: tables by body, place, province and year, bodies side by
side, and the dictionary of indicators.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from archive.codebook.indicators import Concept, Indicator, applicant_names, concepts, indicators
from archive.model.errors import GongkaiError, UsageError
from archive.store import Connection
from archive.web.queries import Queries
from archive.web.request_parameters import (
    DIVISION,
    Asked,
    Choice,
    Flag,
    Number,
    Parameter,
    Year,
    cursor_of,
)
from archive.web.routes import NEXT, Answered, ApiRoute, Member, after
from archive.work.corrections.fitting import standing
from archive.work.query import series
from archive.work.query.places import divisions_within
from archive.work.query.side_by_side import MAX_BODIES, USUAL, side_by_side
from archive.work.query.table import (
    BY,
    OF_CORRECTIONS,
    Cell,
    body_rows,
    compared_row,
    make_table,
    table_of_changes,
)

_MAX_INDICATORS = 10
INDICATOR = Parameter(
    name="indicator",
    meaning="key or name of a concept or an indicator; may be repeated",
    example="reviews",
    needed=True,
    many=True,
)
FROM = Year(name="from", meaning="first year", example="2022")
TO = Year(name="to", meaning="last year", example="2023")
_LIMIT = Number(name="limit", meaning="how many rows at most", least=1, most=2_000, default=200)
_NARROWED = (
    DIVISION,
    Choice(name="level", meaning="only bodies of that level",
           choices=("province", "prefecture", "county", "township")),
    Choice(name="kind", meaning="bodies of that kind; where none is named governments, since their"
           " reports mostly count those of their departments, too (with level=township all)",
           choices=series.KINDS),
    Choice(name="certainty", meaning="only numbers of tables, or only those stated in prose",
           choices=("table", "prose")),
)  # fmt: skip
_OF_BODY = (
    "body_id body division place province level kind report_year indicator name applicant unit"
    " value form certainty url version captured_at content_hash confirmation"
).split()
_COLUMNS = (
    *_OF_BODY, "bodies", "lacking", "first_year", "first", "last_year", "last", "change",
    "first_url", "first_version", "last_url", "last_version",
)  # fmt: skip
_Key = tuple[int, str, int, int]


def table(queries: Queries, asked: Asked) -> Answered:
    """Numbers by body, place, province or year."""
    asked.check()
    wanted = _wanted(asked)
    limit, by = asked.number("limit") or 200, asked.text("by") or "body"
    change = asked.text("change")
    with queries.store.read() as connection:
        left_out: Answered = {"unknown_level": series.unknown_level(connection, wanted[0])}
        wanted = _with_corrections(queries, connection, asked, wanted)
        if change is not None:
            if asked.flag("corrected"):
                raise UsageError("change is of numbers as they were read; leave out corrected")
            if len(wanted) > 1:
                raise UsageError("change is of one indicator; name one")
            made = table_of_changes(connection, wanted[0], by, change)
        elif by == "body":
            rows, following = _bodies(connection, wanted, _key(asked), limit)
            return {"rows": _alike(rows, asked), "next": following, **left_out}
        else:
            made = make_table(connection, wanted, by)
        rows, start = list(made.rows), _key(asked)[2]
    more = len(rows) > start + limit
    return {"rows": _alike(rows[start : start + limit], asked),
            "next": cursor_of((0, "", start + limit, 0)) if more else None, **left_out}  # fmt: skip


def _with_corrections(
    queries: Queries, connection: Connection, asked: Asked, wanted: list[series.Asked]
) -> list[series.Asked]:
    """The same with what people corrected, where the request asks for it."""
    if not asked.flag("corrected"):
        return wanted
    try:
        known = queries.corrections()
    except GongkaiError as error:  # somebody is editing the file
        problem = "what people corrected cannot be read now; leave out corrected"
        raise UsageError(problem) from error
    found = standing(connection, known).numbers
    return [series.narrowed(each, corrected=found) for each in wanted]


def _alike(rows: Sequence[Mapping[str, Cell]], asked: Asked) -> list[dict[str, Cell]]:
    """The rows of every kind of table in the same columns, null where they have none."""
    columns = _COLUMNS + (OF_CORRECTIONS if asked.flag("corrected") else ())
    return [{name: row.get(name) for name in columns} for row in rows]


def _bodies(
    connection: Connection, wanted: list[series.Asked], key: _Key, limit: int
) -> tuple[list[dict[str, Cell]], str | None]:
    """A page of the long table by body, indicator after indicator; and where the next begins."""
    turn, body, number, year = key
    rows: list[dict[str, Cell]] = []
    last = (body, number, year) if number else None
    for place in range(turn, len(wanted)):
        values = [*series.values_of(connection, wanted[place], after=last, limit=limit - len(rows))]
        rows += body_rows(connection, wanted[place], values)
        if len(rows) == limit and values:
            last = (values[-1].body, values[-1].body_id, values[-1].report_year)
            return rows, cursor_of((place, *last))
        last = None
    return rows, None


def compare(queries: Queries, asked: Asked) -> Answered:
    """Bodies side by side over the years."""
    asked.check()
    found = side_by_side(
        queries.store, asked.texts("body"), asked.texts("indicator") or USUAL,
        first=asked.number("from"), last=asked.number("to"),
    )  # fmt: skip
    bodies = {each.body.body_id: each.body for each in found}
    return {
        "bodies": list(bodies.values()),
        "rows": [
            compared_row(each.asked, each.body, year)
            for each in found for year in each.years
        ],
    }  # fmt: skip


def dictionary(_queries: Queries, _asked: Asked) -> Answered:
    """Concepts, indicators and applicants."""
    return {
        "concepts": [_concept(each) for each in concepts().values()],
        "indicators": [asdict(each) for each in indicators().values()],
        "applicants": [
            {"applicant": key, "name": name, "name_en": name_en}
            for key, (name, name_en) in applicant_names().items()
        ],
    }


def _concept(each: Concept) -> dict[str, object]:
    return {**asdict(each), "concept": each.key}


def _wanted(asked: Asked) -> list[series.Asked]:
    place = asked.text("division")
    within = divisions_within(place) if place else None
    names = list(dict.fromkeys(asked.texts("indicator")))
    if len(names) > _MAX_INDICATORS:
        raise UsageError(f"{len(names)} indicators are too many; name at most {_MAX_INDICATORS}")
    return [
        series.narrowed(
            series.ask(each, asked.text("applicant")),
            first_year=asked.number("from"), last_year=asked.number("to"), divisions=within,
            level=asked.text("level"), certainty=asked.text("certainty"),
            kind=series.kind_to_count(asked.text("kind"), asked.text("level")),
        )
        for each in names
    ]  # fmt: skip


def _key(asked: Asked) -> _Key:
    """The cursor: which indicator, and the row behind which the answer begins."""
    turn, body, number, year = asked.cursor() or (0, "", 0, 0)
    if any(each is None for each in (turn, body, number, year)) or int(turn or 0) < 0:
        raise UsageError("after is not a `next` of an earlier answer to this question")
    return int(turn or 0), str(body), max(int(number or 0), 0), int(year or 0)


_ROWS = Member("rows", "array", "the numbers, each with the report it is from, or sums with how"
               " many bodies they are of and how many lack the number")  # fmt: skip
ROUTES = (
    ApiRoute(
        path="/api/table",
        answer=table,
        summary="Numbers of an indicator or concept by body, place, province or year",
        description="By body each number has the URL, version and time of its report; sums tell of"
        " how many bodies they are made and how many lack the number. change needs from and to.",
        parameters=(
            INDICATOR,
            Choice(name="by", meaning="what a row is", choices=BY, default="body"),
            FROM,
            TO,
            *_NARROWED,
            Choice(name="applicant", meaning="only requests of these",
                   choices=tuple(applicant_names())),
            Choice(name="change", meaning="only what fell, or rose, from `from` to `to`",
                   choices=("down", "up")),
            Flag(name="corrected", meaning="numbers that people corrected in the place of what was"
                 " read, with columns that mark them; without change"),
            _LIMIT,
            after(int, str, int, int),
        ),
        gives=(
            _ROWS,
            Member("unknown_level", "integer", "how many bodies with a report `level` leaves out"
                   " because theirs is not known"),
            NEXT,
        ),
        csv="rows",
        columns=_COLUMNS,
        columns_of_flags={"corrected": OF_CORRECTIONS},
        example="/api/table?indicator=reviews&by=year",
        slow=True,
    ),
    ApiRoute(
        path="/api/compare",
        answer=compare,
        summary="Public bodies side by side over the years",
        description=f"Up to {MAX_BODIES} bodies; usual concepts where no indicator is named. state"
        " is given, no number (the row is printed without), absent (the report has no such row) or"
        " no report.",
        parameters=(
            Parameter(name="body", meaning="part of a body's name, its number, or a place, a blank"
                      " and part of the name; may be repeated", needed=True, many=True,
                      example="人民政府"),
            Parameter(name="indicator", meaning="key or name of a concept or an indicator; may be"
                      " repeated", many=True, example="reviews"),
            FROM,
            TO,
        ),
        gives=(Member("bodies", "array", "who is meant"), _ROWS),
        csv="rows",
        columns=(*_OF_BODY, "state"),
        slow=True,
    ),
    ApiRoute(
        path="/api/indicators",
        answer=dictionary,
        summary="The dictionary: concepts, indicators of all forms, kinds of applicants",
        gives=(
            Member("concepts", "array", "concepts with the indicators whose sum they are"),
            Member("indicators", "array", "indicators with names, unit, parent and concept"),
            Member("applicants", "array", "kinds of applicants"),
        ),
        csv="indicators",
        columns=tuple(Indicator.__dataclass_fields__),
        example="/api/indicators",
    ),
)  # fmt: skip
