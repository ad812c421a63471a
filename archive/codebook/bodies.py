"""Words in the names of offices (bodies.toml): what makes a government, a township, a department,
and which short name stands for which office.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyWords:
    """government, township: what may stand behind the name of a place, or of a 镇, 乡 or 街道, in
    the name of its government. zones: endings of offices that run a zone. organs: endings of all
    other offices. inner: (offices of an office, what they may stand behind). heads: head offices
    that stand in front of the place. short: long name of an office by its short one.
    """

    government: frozenset[str]
    government_name: str
    township: frozenset[str]
    street_name: str
    zones: tuple[str, ...]
    zone_name: str
    organs: tuple[str, ...]
    inner: tuple[tuple[str, ...], tuple[str, ...]]
    heads: tuple[str, ...]
    short: Mapping[str, str]


@cache
def body_words() -> BodyWords:
    """The codebook's words; ValueError when a short name stands twice."""
    data = tomllib.loads(files(__package__).joinpath("bodies.toml").read_text("utf-8"))
    pairs = [(short, long) for short, long in data["short"]["names"]]
    if len(dict(pairs)) != len(pairs):
        raise ValueError("bodies.toml: a short name stands twice")
    return BodyWords(
        government=frozenset(data["government"]["forms"]),
        government_name=data["government"]["name"],
        township=frozenset(data["township"]["forms"]),
        street_name=data["township"]["street_name"],
        zones=tuple(data["zone"]["endings"]),
        zone_name=data["zone"]["name"],
        organs=tuple(data["organ"]["endings"]),
        inner=(tuple(data["organ"]["inner_offices"]), tuple(data["organ"]["inner_after"])),
        heads=tuple(data["organ"]["heads"]),
        short=MappingProxyType(dict(pairs)),
    )
