"""The views of figures with people's corrections in the place of what was read, for whoever asks
for them so. Nothing of it is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, FromClause, TableClause, bindparam, text

from archive.model.instants import exact
from archive.store.types import Json
from archive.store.views import query_with_corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCorrection:
    """What a number of a version should be, by a person's word. position: of the figure."""

    version_id: int
    position: int
    value: Decimal
    by: str
    reason: str
    at: datetime


def with_corrections(
    connection: Connection, view: TableClause, corrections: Sequence[NumberCorrection] | None
) -> FromClause:
    """A view of figures as `view` names its columns, with those corrections; None: the view itself.
    Of its columns those may be named that only corrections give
    (`archive.store.views.correction_columns`).
    """
    if corrections is None:
        return view
    made = text(query_with_corrections(view.name, connection.dialect.name))
    given = bindparam("corrections", [_row(each) for each in corrections], type_=Json)
    return made.bindparams(given).columns(*view.c).subquery(view.name)


def _row(each: NumberCorrection) -> dict[str, object]:
    return {
        "version_id": each.version_id,
        "position": each.position,
        "value": format(each.value, "f"),
        "made_by": each.by,
        "reason": each.reason,
        "made_at": exact(each.at),
    }
