"""The analysts' views: the exported tables, readable with any SQL tool.

The .sql files beside this one hold them, the .toml files define every column. What SQLite and
PostgreSQL spell differently stands here.

knows: the SQL of the views, what their columns mean.
never knows: who asks them.
neighbours: schema (below), store, export and the documents (above).
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, text

from archive.model.optical import STORED_CERTAINTIES, Certainty
from archive.model.packed import STORED_STATES, USUAL_PRINTS
from archive.store.reading_tables import FIELD_IDS

# In the order of the contract, later ones behind; a view stands behind those that it reads.
VIEWS = (
    "documents", "versions", "captures", "outcomes", "figures", "figures_current", "findings",
    "runs", "portals", "withdrawals", "changes", "similarity", "citations", "bodies", "indicators",
    "rules", "statements", "coverage",
)  # fmt: skip

# Spellings stand in spellings, so deep.
_DEEPEST = 3

# Views behind functions of archive.store.query, which are no exports.
_INNER = ("figures_counted",)

# From a layout to its figures and what they count, on SQLite.
_BY_LAYOUT = """JOIN layout_cell l ON l.layout_id = y.layout_id
JOIN figure f ON f.cell_id = l.cell_id AND f.version_id = y.version_id
    AND f.position = l.position
JOIN cell c ON c.id = l.cell_id"""
# The same where more is asked of cells than of figures: SQLite looks those up first.
_BY_CELL = """JOIN layout_cell l ON l.layout_id = y.layout_id
JOIN cell c ON c.id = l.cell_id
JOIN figure f ON f.cell_id = c.id AND f.version_id = y.version_id
    AND f.position = l.position"""
_PUBLISHER = "LEFT JOIN public_body o ON o.id = v.public_body_id"

# How each engine spells what the views need: JSON, a number kept as text on SQLite, and the way
# from versions to figures (archive.store.dialects.figures_by_version).
_SPELLINGS = {
    "sqlite": {
        "json_object": "json_object",
        "json_group_object": "json_group_object",
        "json_group_array": "json_group_array",
        # A number of up to 15 digits is exact as SQLite's number; a longer one stays text.
        "value": "CASE WHEN length(f.value) <= 15 THEN CAST(f.value AS NUMERIC) ELSE f.value END",
        "figures_of_version": f"JOIN version_layout y ON y.version_id = v.id\n{_BY_CELL}",
        # Figures of bodies are asked for: theirs alone are looked up then.
        "publisher_first": f"{_PUBLISHER}\n",
        "publisher_last": "",
        "figures_of_report": f"JOIN version_layout y ON y.version_id = r.version_id\n{_BY_LAYOUT}",
        # All versions there are: SQLite takes them for few, and begins with them where nothing else
        # is asked for; else it would sort all figures of the country.
        "by_version": "WHERE v.id BETWEEN 1 AND 9223372036854775807\nORDER BY v.id, l.position",
        # The day in China: deadlines end there.
        "today": "date('now', '+8 hours')",
        # 元 in concepts that count 万元.
        "concept_value": "CASE WHEN q.unit = '万元' AND k.unit = '元'"
        " THEN CAST(f.value AS REAL) / 10000 ELSE CAST(f.value AS NUMERIC) END",
    },
    "postgresql": {
        "json_object": "json_build_object",
        "json_group_object": "json_object_agg",
        "json_group_array": "json_agg",
        "value": "f.value",
        "figures_of_version": "JOIN figure f ON f.version_id = v.id\n"
        "JOIN cell c ON c.id = f.cell_id",
        "figures_of_report": "JOIN figure f ON f.version_id = r.version_id\n"
        "JOIN cell c ON c.id = f.cell_id",
        "publisher_first": "",
        "publisher_last": f"\n{_PUBLISHER}",
        "by_version": "ORDER BY v.id, f.position",
        "today": "to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')",
        "concept_value": "CASE WHEN q.unit = '万元' AND k.unit = '元'"
        " THEN trim_scale(f.value / 10000) ELSE f.value END",
    },
}


def _case(values: Iterable[tuple[int, str]]) -> str:
    whens = " ".join(f"WHEN {number} THEN {value}" for number, value in values)
    return f"CASE f.state {whens} END"


# What two views have in common, the ids of fields' names, and how figures are stored as numbers or
# not at all (archive.model.packed), spelled for both engines.
_FIGURES = {
    **{f"{name}_id": str(number) for name, number in FIELD_IDS.items()},
    "current_figures": "FROM current_report r\n{figures_of_report}{corrected}",
    # Sums over a country come from what figures count: they need no way from versions.
    "counted_figures": "FROM current_report r\n"
    "JOIN figure f ON f.version_id = r.version_id\n"
    "JOIN cell c ON c.id = f.cell_id{corrected}",
    "concept_of_cell": "LEFT JOIN indicator i\n"
    "    ON i.indicator = c.indicator AND (c.applicant IS NULL OR c.applicant = 'total')",
    # The report stands in front: only then the figures that it prints twice are looked for.
    "is_counted": "c.indicator IS NOT NULL\n"
    "    AND NOT EXISTS (SELECT 1 FROM repeated_figure t\n"
    "        WHERE t.version_id = r.version_id AND t.position = f.position)\n"
    # What a sum refutes is no number to count with; the view figures has it.
    "    AND {not_refuted}",
    "not_refuted": "NOT EXISTS (SELECT 1 FROM optical_figure w\n"
    "        WHERE w.version_id = r.version_id AND w.position = f.position\n"
    "        AND w.certainty = {contradicted})",
    "contradicted": str(STORED_CERTAINTIES.index(Certainty.CONTRADICTED)),
    "confirmation": "CASE x.certainty "
    + " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(STORED_CERTAINTIES))
    + " END",
    "current_statements": "FROM current_report r\n"
    "JOIN counted_statement t ON t.version_id = r.version_id\n"
    "JOIN statement f ON f.version_id = t.version_id AND f.position = t.position\n"
    "JOIN statement_kind k ON k.id = f.kind_id\n"
    "JOIN concept q ON q.concept = k.concept",
    "origin": "CASE WHEN x.version_id IS NOT NULL THEN 'ocr' END",
    "state": "{stated}",
    "stated": _case((number, f"'{state}'") for number, state in enumerate(STORED_STATES)),
    "usual_print": _case(
        (number, f"'{USUAL_PRINTS[state]}'" if state in USUAL_PRINTS else "CAST(f.value AS TEXT)")
        for number, state in enumerate(STORED_STATES)
    ),
    **dict.fromkeys(("correction", "no_correction", "corrected"), ""),
}

_NUMBERS = """
SELECT f.cell_id, {value} AS value, coalesce(f.printed, {usual_print}) AS printed, {state} AS state
FROM page p
JOIN portal t ON t.key = p.portal_key
JOIN version v ON v.page_id = p.id
{figures_of_version}
WHERE p.key = :url AND v.number = :version
"""

# The same with people's corrections in the place of what was read (`query_with_corrections`): k is
# the correction of a figure, if there is one.
_IS_CORRECTED = "k.value IS NOT NULL"
_CORRECTED = {
    "corrected": "\nLEFT JOIN correction k"
    " ON k.version_id = f.version_id AND k.position = f.position",
    "origin": f"CASE WHEN {_IS_CORRECTED} THEN 'corrected' ELSE {_FIGURES['origin']} END",
    "state": f"CASE WHEN {_IS_CORRECTED} THEN 'given' ELSE {{stated}} END",
    # What a person corrected counts, whatever a sum says of what was read.
    "not_refuted": f"({_IS_CORRECTED} OR {_FIGURES['not_refuted']})",
    "correction": f",\n    CASE WHEN {_IS_CORRECTED} THEN {{read_value}} END AS read_value,"
    "\n    k.made_by AS corrected_by,\n    k.reason AS correction_reason,"
    "\n    k.made_at AS corrected_at",
    "no_correction": ",\n    NULL" * 4,
}
# The corrections, as one value: a statement takes some thousand values at most.
_CORRECTIONS = {
    "sqlite": "SELECT json_extract(value, '$.version_id') AS version_id,"
    " json_extract(value, '$.position') AS position, json_extract(value, '$.value') AS value,"
    " json_extract(value, '$.made_by') AS made_by, json_extract(value, '$.reason') AS reason,"
    " json_extract(value, '$.made_at') AS made_at FROM json_each(:corrections)",
    "postgresql": "SELECT * FROM jsonb_to_recordset(:corrections) AS each(version_id bigint,"
    " position integer, value numeric, made_by text, reason text, made_at timestamptz)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn:
    """One exported column. unit: None where the value has none."""

    name: str
    type: str
    meaning: str
    unit: str | None = None


@cache
def described_columns() -> dict[str, tuple[ViewColumn, ...]]:
    """What every column of every view means, in the order of the columns.

    type: text, integer, number, instant (UTC, ISO 8601), date (as ISO 8601), boolean or json.
    """
    tables = _columns()
    return {view: tables[view] for view in (*VIEWS, *(tables.keys() - {*VIEWS, "corrected"}))}


def correction_columns() -> tuple[ViewColumn, ...]:
    """What the columns mean that figures and figures_current have with corrections besides, in
    order.
    """
    return _columns()["corrected"]


@cache
def _columns() -> dict[str, tuple[ViewColumn, ...]]:
    tables = tomllib.loads(_joined(".toml"))
    return {
        view: tuple(ViewColumn(name=name, **facts) for name, facts in columns.items())
        for view, columns in tables.items()
    }


@cache
def view_statements(dialect: str) -> tuple[str, ...]:
    """The CREATE VIEW statements for a dialect, in the order of VIEWS."""
    return _statements({**_FIGURES, **_SPELLINGS[dialect]})


@cache
def query_of_numbers(dialect: str) -> str:
    """What the view figures shows of one version, named by its parameters `url` and `version`: of
    each figure its cell, value, print and state. What else the view shows is the cell's.
    """
    return _spelled(_NUMBERS, {**_FIGURES, **_SPELLINGS[dialect]})


def _spelled(script: str, spellings: Mapping[str, str]) -> str:
    for _ in range(_DEEPEST):
        for name, spelling in spellings.items():
            script = script.replace("{" + name + "}", spelling)
    return script


def _statements(spellings: Mapping[str, str]) -> tuple[str, ...]:
    script = _spelled(_joined(".sql"), spellings)
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    statements = (each.strip() for each in "\n".join(lines).split(";"))
    by_view = {each.split()[2]: each for each in statements if each}
    return tuple(by_view.pop(view) for view in VIEWS) + tuple(by_view.values())


@cache
def query_on_a_day(view: str, dialect: str) -> str:
    """The query behind a view that asks for the day, with the day as its parameter `today`."""
    made = _query_of(view, view_statements(dialect))
    return made.replace(_SPELLINGS[dialect]["today"], ":today")


@cache
def query_with_corrections(view: str, dialect: str) -> str:
    """The query behind a view of figures with corrections in the place of what was read, which are
    its parameter `corrections`: JSON, a list of objects with version_id, position, value, made_by,
    reason and made_at. Its columns are those of the view, then `correction_columns` (but of
    figures_counted).
    """
    spellings = {**_FIGURES, **_SPELLINGS[dialect], **_CORRECTED}
    value = spellings["value"]
    spellings |= {
        "read_value": value,
        "value": value.replace("f.value", "coalesce(k.value, f.value)"),
    }
    made = _query_of(view, _statements(spellings))
    return f"WITH correction AS MATERIALIZED ({_CORRECTIONS[dialect]})\n{made}"


def _query_of(view: str, statements: Iterable[str]) -> str:
    [made] = (each for each in statements if each.split()[2] == view)
    return made.partition(" AS\n")[2]


def _joined(ending: str) -> str:
    """All files of this package with that ending, in one."""
    here = files("archive.store.views")
    names = sorted(each.name for each in here.iterdir() if each.name.endswith(ending))
    return "\n".join(here.joinpath(name).read_text("utf-8") for name in names)


def build_views(connection: Connection) -> None:
    """Drops and makes all views."""
    drop_views(connection)
    for statement in view_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"COMMENT ON VIEW {VIEWS[0]} IS '{_digest()}'")


def _digest() -> str:
    made = "\n".join(view_statements("postgresql"))
    return hashlib.sha256(made.encode()).hexdigest()


def drop_views(connection: Connection) -> None:
    """Drops all views."""
    for name in reversed((*VIEWS, *_INNER)):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def views_are_current(connection: Connection) -> bool:
    """Whether the stored views are those of this code. SQLite keeps their text as it was given;
    PostgreSQL rewrites it, there a comment on the first view has the digest of all.
    """
    if connection.dialect.name != "sqlite":
        query = text("SELECT obj_description(to_regclass(:view), 'pg_class')")
        return bool(connection.scalar(query.bindparams(view=VIEWS[0])) == _digest())
    stored = connection.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'view'"))
    return set(stored) == set(view_statements("sqlite"))
