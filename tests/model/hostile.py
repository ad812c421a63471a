"""Hostile texts for regular expressions, made from the expressions themselves, and the clock that
tells whether one needs more than a time in proportion to its text.
"""

import dataclasses
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from inspect import signature
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType

Item = tuple[object, object]

# Characters that pages are full of, whatever a pattern says of itself.
_COMMON = " \t\n\u3000\xa01１aZ_一年第<>/\"'(（[【:：.。,，、-—#&;=|"
_CATEGORIES = {
    code.CATEGORY_DIGIT: "1",
    code.CATEGORY_NOT_DIGIT: "a",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_NOT_SPACE: "a",
    code.CATEGORY_WORD: "a",
    code.CATEGORY_NOT_WORD: "-",
}
_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
_TINY, _SHORT, _LONG = (8, 12, 16, 22), 125, 1_000
_BEYOND, _FAR_BEYOND = 2_000, 6_000
_MAX_SEEDS, _MAX_ITEMS = 32, 6
_HOUSES = ("archive", "crawler", "settings")
# Where patterns may be, listed without importing it: collecting tests is no time for that.
ROOMS = tuple(
    f"{house}.{found.name}"
    for house in _HOUSES
    for found in pkgutil.iter_modules(importlib.import_module(house).__path__)
)


# --- what a pattern is attacked with --------------------------------------------------------


def hostile(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[tuple[str, str]]:
    """(beginning, what is repeated behind it): characters, beginnings of what the pattern
    matches, and both behind one another.
    """
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
    own = list(dict.fromkeys(_samples(list(parser.parse(text, flags)))))[:_MAX_SEEDS]
    for seed in dict.fromkeys([*_COMMON, *own]):
        yield "", seed
    for seed in own[:_MAX_ITEMS]:
        for character in " 1a一":
            yield "", seed + character
            yield seed, character


def _samples(items: list[Item]) -> Iterator[str]:
    """Texts that the beginning of a sequence matches, for it and all sequences within."""
    for choice in (0, 1):
        for length in range(1, min(len(items), _MAX_ITEMS) + 1):
            yield from filter(None, [_sample(items[:length], choice)[:60]])
    for item in items:
        yield from filter(None, [_sample([item], 0)[:60]])
        for inner in _inside(*item):
            yield from _samples(inner)


def _inside(kind: object, value) -> Iterator[list[Item]]:
    if kind is code.SUBPATTERN:
        yield list(value[3])
    elif kind is code.ATOMIC_GROUP:
        yield list(value)
    elif kind is code.BRANCH:
        yield from map(list, value[1])
    elif kind in _REPEATS:
        yield list(value[2])


def _sample(items: list[Item], choice: int) -> str:
    return "".join(_one(kind, value, choice) for kind, value in items)


def _one(kind: object, value, choice: int) -> str:
    if kind is code.LITERAL:
        return chr(value)
    if kind in (code.ANY, code.NOT_LITERAL):
        return "a" if value != ord("a") else "b"
    if kind is code.IN:
        return _of_class(value, choice)
    if kind in _REPEATS:
        return _sample(list(value[2]), choice) * max(value[0], 1)
    if kind is code.BRANCH:
        return _sample(list(value[1][choice % len(value[1])]), choice)
    return "".join(_sample(inner, choice) for inner in _inside(kind, value))


def _of_class(items: list[tuple[object, object]], choice: int) -> str:
    if items[0][0] is code.NEGATE:
        return "a" if not any(value == ord("a") for _, value in items) else "一"
    kind, value = items[choice % len(items)]
    if kind is code.CATEGORY:
        return _CATEGORIES[value]
    return chr(value if kind is code.LITERAL else value[0])


# --- the clock ------------------------------------------------------------------------------


def slow_on(pattern: re.Pattern[str] | re.Pattern[bytes]) -> str | None:
    """The kind of text on which a search takes more than its share; None where there is none.

    It is compared how much longer a longer text takes, in time of this thread: other work on the
    machine does not count. What is repeated up to a bound looks worse at first, so that what is
    suspect is looked at again beyond any bound, and more than once.
    """
    for beginning, unit in hostile(pattern):

        def took(length: int, times: int = 2, of: tuple[str, str] = (beginning, unit)) -> float:
            return _seconds(pattern, _text(of, length), times)

        told = f"{beginning!r} and many {unit!r}"
        if any(took(length, 1) > 0.02 and took(length) > 0.02 for length in (*_TINY, _SHORT)):
            return told
        if took(_LONG, 1) < 0.0002 or took(_LONG) < 20 * took(_SHORT, 5):
            continue
        if all(took(_FAR_BEYOND) > 5.5 * took(_BEYOND, 3) for _ in range(3)):
            return told
    return None


def _text(of: tuple[str, str], length: int) -> str:
    return of[0] + of[1] * (length // len(of[1])) + "\x01"


def _seconds(pattern: re.Pattern[str] | re.Pattern[bytes], text: str, times: int) -> float:
    content = text.encode() if isinstance(pattern.pattern, bytes) else text
    best = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        for _found in pattern.finditer(content):  # type: ignore[arg-type]
            pass
        best = min(best, time.thread_time() - begun)
    return best


# --- every pattern of the code base ---------------------------------------------------------


@cache
def every_pattern() -> dict[re.Pattern[str] | re.Pattern[bytes], str]:
    """Every compiled pattern with the first place where it is found: of modules, of classes, and
    of what is loaded from data files.
    """
    walk = _Walk()
    for module in _modules():
        for name, value in list(vars(module).items()):
            walk.into(value, f"{module.__name__}.{name}")
    return walk.found


def _modules() -> Iterator[ModuleType]:
    for house in _HOUSES:
        package = importlib.import_module(house)
        for found in pkgutil.walk_packages(package.__path__, f"{house}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


class _Walk:
    def __init__(self) -> None:
        self.found: dict[re.Pattern[str] | re.Pattern[bytes], str] = {}
        self._seen: dict[int, object] = {}

    def into(self, value: object, where: str) -> None:
        if isinstance(value, re.Pattern):
            self.found.setdefault(value, where)
        elif id(value) not in self._seen:
            self._seen[id(value)] = value
            if hasattr(value, "cache_info") and _is_ours(value):  # wherever it is imported to
                where = f"{value.__module__}.{value.__qualname__}"
            for name, inner in self._parts(value):
                self.into(inner, f"{where}{name}")

    def _parts(self, value: object) -> Iterator[tuple[str, object]]:
        if isinstance(value, dict):
            yield from (("[]", inner) for pair in value.items() for inner in pair)
        elif isinstance(value, list | tuple | set | frozenset):
            yield from (("[]", inner) for inner in value)
        elif isinstance(value, type):
            if _is_ours(value):
                yield from ((f".{name}", inner) for name, inner in vars(value).items())
        elif hasattr(value, "cache_info"):
            yield from self._loaded(value)
        elif _is_ours(type(value)):
            names = (
                [field.name for field in dataclasses.fields(value)]
                if (dataclasses.is_dataclass(value))
                else list(getattr(value, "__dict__", {}))
            )
            yield from ((f".{name}", getattr(value, name, None)) for name in names)

    def _loaded(self, load) -> Iterator[tuple[str, object]]:
        """A cached function without arguments reads a data file."""
        if _is_ours(load) and not signature(load).parameters:
            yield "()", load()


def _is_ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in _HOUSES
