"""Where text stands on pages whose family does not say it, and what stands around it."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SEPARATORS = re.compile(r"[-_\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """Ids and classes. certain: one editor's own, the text alone. likely: usual names.

    drop: words of elements around the text; drop_inside: of elements left out inside it too.
    """

    certain: frozenset[str]
    likely: frozenset[str]
    drop: frozenset[str]
    drop_inside: frozenset[str]


@cache
def containers() -> Containers:
    """The codebook's table of containers."""
    data = tomllib.loads(files(__package__).joinpath("containers.toml").read_text("utf-8"))
    return Containers(
        certain=frozenset(data["certain"]["names"]),
        likely=frozenset(data["likely"]["names"]),
        drop=frozenset(data["drop"]["words"]),
        drop_inside=frozenset(data["drop_inside"]["words"]),
    )


@cache
def words_of(name: str) -> frozenset[str]:
    """The words of an id or class attribute, lower case.

    >>> sorted(words_of("article_attachment Share-2"))
    ['2', 'article', 'attachment', 'share']
    """
    return frozenset(_SEPARATORS.split(name[:500].lower()))
