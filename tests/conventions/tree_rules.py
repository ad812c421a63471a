"""The rules that the tree of files keeps, each a function from {path: bytes} to its complaints."""

import re
from collections.abc import Callable, Iterator, Mapping

Tree = Mapping[str, bytes]
Rule = Callable[[Tree], Iterator[str]]

# What a visitor sees first stays short.
ROOT_NAMES = {
    ".ci", ".github", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "archive", "bench", "crawler", "deploy", "docs", "mkdocs.yml", "pyproject.toml", "requirements-replay.lock",
    "requirements.lock", "scrapy.cfg", "settings", "tests",
}  # fmt: skip
# Tests of the whole, what tests share, and saved pages; every other folder tests one of the code.
BESIDE_THE_MIRROR = {
    "conventions",
    "deploy",
    "gate",
    "journeys",
    "pages",
    "release",
    "storm",
    "support",
}
LARGEST_FILE_BYTES = 1 << 20
# Spelled with classes so that this file does not name what it forbids.
MACHINE = re.compile(
    r"(?<![\w.*})])/(?:wor[k]|roo[t]|home/\w+|opt/wheel[s]|tmp/tea[m])/"
    r"|pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|deb\.debia[n]\.org|proxy\.golan[g]"
    r"|--(?:extra-)?inde[x]-url|--find-link[s]",
    re.IGNORECASE,
)
AUTHORS = re.compile(r"\b(?:claud[e]|anthropi[c]|chatgp[t]|open[a]i|copilo[t])\b", re.IGNORECASE)
STRAY = re.compile(
    r"\.(?:open|sqlite(?:-\w+)?|db|pyc|pid|log|orig|rej|swp|bak|egg-info|warc(?:\.gz)?|wacz)$"
)


def texts(tree: Tree) -> Iterator[tuple[str, str]]:
    for path, content in tree.items():
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def matches(tree: Tree, pattern: re.Pattern[str]) -> Iterator[str]:
    for path, text in texts(tree):
        for number, line in enumerate(text.splitlines(), start=1):
            if found := pattern.search(line):
                yield f"{path}:{number}: {found[0]}"


def clean_root(tree: Tree) -> Iterator[str]:
    for name in sorted({path.split("/")[0] for path in tree} - ROOT_NAMES):
        yield f"{name} does not belong into the root"


def no_machine_is_named(tree: Tree) -> Iterator[str]:
    others = {
        p: c for p, c in tree.items() if p not in ("Makefile", "tests/conventions/tree_rules.py")
    }
    yield from matches(others, MACHINE)


def no_tool_of_the_authors_is_named(tree: Tree) -> Iterator[str]:
    yield from matches(tree, AUTHORS)


def no_stray_file(tree: Tree) -> Iterator[str]:
    for path in tree:
        if STRAY.search(path):
            yield f"{path}: left over from a run"


def no_large_file(tree: Tree) -> Iterator[str]:
    for path, content in tree.items():
        if len(content) > LARGEST_FILE_BYTES:
            yield f"{path} has {len(content)} bytes"


def settings_say_why(tree: Tree) -> Iterator[str]:
    """Each NAME = value in settings/ has a comment on its line or at the head of its paragraph."""
    for path, text in texts(tree):
        if not re.fullmatch(r"settings/\w+\.py", path):
            continue
        for paragraph in re.split(r"\n\s*\n", text):
            for line in paragraph.splitlines():
                setting = re.match(r"[A-Z][A-Z0-9_]+\s*[:=]", line)
                if setting and "#" not in line and not paragraph.lstrip().startswith("#"):
                    yield f"{path}: {line} – why?"


def ignored_rules_say_why(tree: Tree) -> Iterator[str]:
    """Each lint rule and warning switched off in pyproject.toml has its reason on the line."""
    inside = False
    lines = tree.get("pyproject.toml", b"").decode().splitlines()
    for number, line in enumerate(lines, start=1):
        inside = inside or bool(re.match(r'(ignore|filterwarnings|"[^"]+") = \[$', line))
        if line.startswith("]"):
            inside = False
        switched_off = re.match(r'\s+"(?!error")', line)
        if inside and switched_off and not re.search(r"# \S", line):
            yield f"pyproject.toml:{number}: {line.strip()} – why?"


def tests_mirror_the_code(tree: Tree) -> Iterator[str]:
    """tests/store/frontier tests archive/store/frontier, tests/crawler/fetch tests crawler/fetch."""
    folders = {path.rpartition("/")[0] for path in tree}
    code = {folder for folder in folders if folder.startswith(("archive", "crawler", "bench"))}
    for folder in sorted(folder for folder in folders if folder.startswith("tests/")):
        name = folder.removeprefix("tests/")
        if name.split("/")[0] in BESIDE_THE_MIRROR or "/cases/" in f"{folder}/":
            continue
        if not {name, f"archive/{name}"} & code:
            yield f"{folder} tests neither archive/{name} nor {name}"


RULES: tuple[Rule, ...] = (
    clean_root,
    no_machine_is_named,
    no_tool_of_the_authors_is_named,
    no_stray_file,
    no_large_file,
    settings_say_why,
    ignored_rules_say_why,
    tests_mirror_the_code,
)
