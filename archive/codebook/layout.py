"""Words that tell layout tables and header boxes from data tables."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def header_labels() -> frozenset[str]:
    """Labels of catalogue headers (索引号 …), without white space and colon.

    >>> "索引号" in header_labels()
    True
    """
    text = files("archive.codebook").joinpath("layout.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["header_labels"])
