"""The ways in which a word is spelled: simplified and traditional characters are one to a search.

Only queries are converted (OpenCC); texts stay as they were printed.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

# From OpenCC's traditional characters to those of Taiwan and Hong Kong. Its s2tw and s2hk give the
# same, and load the simplified phrases again: a fourteenth of what a search takes.
_VARIANTS = ("t2tw", "t2hk")
_HAN = ("\u3400", "\u9fff")


def spellings(word: str) -> tuple[str, ...]:
    """The spellings of a folded word, itself first, each once.

    >>> spellings("依申请公开"), spellings("2016")
    (('依申请公开', '依申請公開'), ('2016',))
    """
    if not any(_HAN[0] <= sign <= _HAN[1] for sign in word):
        return (word,)
    traditional = _converter("s2t").convert(word)
    variants = (_converter(way).convert(traditional) for way in _VARIANTS)
    return tuple(dict.fromkeys((word, traditional, *variants, _converter("t2s").convert(word))))


@cache
def _converter(way: str) -> "OpenCC":
    # Imported here: its dictionaries take 0.1 s, and only a search waits for them.
    from opencc import OpenCC  # noqa: PLC0415

    return OpenCC(way)
