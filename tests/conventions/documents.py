"""What the documents say: their links, and the commands in their code."""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conventions.tree import files


def documents(root: Path) -> list[str]:
    return [path for path in files(root) if path.endswith(".md")]


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def links(text: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]


def commands(text: str, program: str) -> set[tuple[str, ...]]:
    """The words behind `program` in code: `gongkai portals list --json` -> (portals, list)."""
    code = (token.content for token in tokens(text) if token.type in ("fence", "code_inline"))
    lines = (line.split("#")[0].strip() for block in code for line in block.splitlines())
    words = r"((?: +[a-z]\w*(?=\s|$))+)"
    found = (re.match(rf"(?:\.venv/bin/)?{program}{words}", line) for line in lines)
    return {tuple(match[1].split()) for match in found if match}


def unknown(named: set[tuple[str, ...]], known: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Named commands that are not known; what stands behind a command is its argument."""
    groups = {words[:-1] for words in known if len(words) > 1}
    spelled = {words[:2] if words[:1] in groups else words[:1] for words in named}
    return spelled - known


def targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def broken_links(root: Path, path: str) -> list[str]:
    text = (root / path).read_text(encoding="utf-8")
    inside = [link for link in links(text) if not re.match(r"[a-z]+:", link)]
    return [link for link in inside if not leads_somewhere(root / path, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether the file is there and, behind a #, the heading."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists() or not anchor:
        return target.exists()
    heads = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}
