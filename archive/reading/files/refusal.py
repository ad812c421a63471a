"""Why a file is not read: every refusal ends as one finding of its reading."""

from typing import Literal

from archive.model.reading import Finding, Severity

Rule = Literal[
    "file_encrypted",
    "file_damaged",
    "file_too_large",
    "file_unreadable",
    "file_not_converted",
    "image_only",
]

MAX_BODY_BYTES = 96 * 1024**2
"""Bigger files are kept and not read."""

MAX_LINES = 60_000
"""Text beyond this many lines is left out, with a finding."""


class RefusedError(Exception):
    """A file is not read; never leaves this package (archive.reading.files.extract)."""

    def __init__(self, rule: Rule, message: str, evidence: str = "") -> None:
        super().__init__(message)
        self.finding = refusal(rule, message, evidence)


def refusal(rule: Rule, message: str, evidence: str = "") -> Finding:
    """The finding of a file, or of a part of it, that was not read."""
    return Finding(rule=rule, severity=Severity.WARNING, message=message, evidence=evidence[:300])
