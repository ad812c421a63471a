"""A doubt that travels with a reading."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`info` is worth knowing, `warning` is a doubt, `error` means: do not use without looking."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A doubt that travels with a reading. Never an exception."""

    rule: str
    severity: Severity
    message: str
    evidence: str = ""
