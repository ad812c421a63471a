"""Which data a ledger's tables of the codebook are made from. Reads files, parses none."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

# Data, and the code that derives names from it.
_MADE_FROM: Final = (
    "f08.toml", "f14.toml", "f19.toml", "f21.toml", "indicators.toml", "rules.toml",
    "divisions.csv", "indicators.py", "rules.py",
)  # fmt: skip


@cache
def codebook_digest() -> str:
    """Hex SHA-256 of the data files, and of the code that names indicators by them."""
    folder = files("archive.codebook")
    made = hashlib.sha256()
    for name in _MADE_FROM:
        made.update(folder.joinpath(name).read_bytes())
    return made.hexdigest()
