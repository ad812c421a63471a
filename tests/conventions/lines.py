"""The lines that users meet: those the code raises, and those that docs/troubleshooting.md quotes."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

# Status 4: what a command refuses. Errors of usage (2) name what is wrong and what is right.
REFUSALS = {"CannotRunError", "DamagedLedgerError", "HomeLockedError", "NewerHomeError"}
HOLE = "…"


def sources(root: Path) -> Iterator[ast.Module]:
    for folder in ("archive", "crawler"):
        for path in sorted((root / folder).rglob("*.py")):
            yield ast.parse(path.read_text("utf-8"))


@functools.cache
def told(root: Path) -> tuple[list[str], list[str]]:
    """All strings of the code, and the lines it raises: to parse it takes five seconds."""
    known, refusals = list[str](), list[str]()
    for module in sources(root):
        known += strings(module)
        refusals += raised(module)
    return known, refusals


def spelled(node: ast.AST) -> str | None:
    """A string of the code with … for what is filled in; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (v.value if isinstance(v, ast.Constant) else HOLE for v in node.values)
        return "".join(map(str, parts))
    return None


def raised(module: ast.Module) -> Iterator[str]:
    """The lines of the errors that end a command with status 4, where they are made."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            line = spelled(node.args[0])
            if node.func.id in REFUSALS and line is not None:
                yield line


def strings(module: ast.Module) -> Iterator[str]:
    yield from filter(None, map(spelled, ast.walk(module)))


def pieces(line: str) -> list[str]:
    """The words of a line between its holes, those that tell it from others."""
    return [piece.strip(" :;,.()`") for piece in line.split(HOLE) if re.search(r"\w{3}", piece)]


def quoted(page: str) -> set[str]:
    """What stands as code in the first column of a table: lines of ours."""
    rows = [line for line in page.splitlines() if re.match(r"\| .*`", line)]
    return {code for row in rows for code in re.findall(r"`([^`]+)`", row.split("|")[1])}


def unknown(quotes: set[str], known: list[str]) -> set[str]:
    """Quoted lines no string of the code has."""
    return {q for q in quotes if not all(any(p in text for text in known) for p in pieces(q))}


def untold(lines: list[str], quotes: set[str]) -> list[str]:
    """Raised lines that no quote is a part of."""
    return [line for line in lines if pieces(line) and not any(is_of(line, q) for q in quotes)]


def is_of(line: str, quote: str) -> bool:
    return bool(pieces(quote)) and all(piece in line for piece in pieces(quote))
