"""How a report stands that should be there."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """What is known of one report. Late: published after its deadline; without a date it is not.
    Missing: the lists were read completely in a good run after the deadline, and it is not there.
    """

    PRESENT = "present"
    LATE = "late"
    MISSING = "missing"
    NOT_LOOKED_AT = "not_looked_at"
    REFUSED = "refused"


REPORT_YEARS: Final = range(1990, 2101)
"""What may be asked for as the year of a report; another number is no such year."""

FIRST_YEAR: Final = 2008
"""The first year that reports cover: 政府信息公开条例 of 2007."""
