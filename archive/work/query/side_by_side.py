"""Bodies side by side over years."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from archive.model.errors import UsageError
from archive.store import Store
from archive.work.query.bodies import Body
from archive.work.query.find_body import body_named
from archive.work.query.series import Asked, YearOfBody, ask, body_series, narrowed

USUAL: Final = (
    "requests_received", "requests_answered", "requests_granted", "requests_refused", "reviews",
    "litigation", "normative_issued",
)  # fmt: skip
"""The concepts that are compared where none is named."""

MAX_BODIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was asked for, for one body: its years, oldest first; () without reports of these."""

    asked: Asked
    body: Body
    years: tuple[YearOfBody, ...]


def side_by_side(
    store: Store,
    names: Sequence[str],
    indicators: Sequence[str] = USUAL,
    *,
    first: int | None = None,
    last: int | None = None,
) -> list[Compared]:
    """Every indicator or concept of every body, by indicator and then body as they were named.

    UsageError: no body is called so, several are, or no indicator is; more than MAX_BODIES.
    """
    if len(names) > MAX_BODIES:
        raise UsageError(f"{len(names)} bodies are too many to compare; name at most {MAX_BODIES}")
    asked = [narrowed(ask(each), first_year=first, last_year=last) for each in indicators]
    bodies = list(dict.fromkeys(body_named(store, each) for each in names))
    with store.read() as connection:
        return [
            Compared(asked=each, body=body, years=body_series(connection, each, body.body_id))
            for each in asked
            for body in bodies
        ]
