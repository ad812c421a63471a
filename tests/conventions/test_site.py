"""The site is built from the documents without a complaint, and its pages ask no other server."""

import os
import re
import subprocess
from pathlib import Path

import pytest

# What a browser fetches by itself; what a reader may follow is an ordinary link.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*?\bsrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preconnect|preload|icon))[^>]*?\bhref=["']?(?:https?:)?//[^>]*>""",
)


@pytest.mark.slow
def test_the_site_is_whole_and_asks_nobody(root: Path, tmp_path: Path) -> None:
    mkdocs = root / ".venv-site" / "bin" / "mkdocs"
    if not mkdocs.exists():
        pytest.skip("mkdocs is not here (.venv-site, made by `make site`)")
    subprocess.run(
        [mkdocs, "build", "--quiet", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=root, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True,
    )  # fmt: skip
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.glob("site/**/*.html")}
    assert {"index.html", "overview.html", "ARCHITECTURE.html", "settings.html"} <= set(pages)
    assert {name: found for name, text in pages.items() if (found := FETCHED.findall(text))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        '<link rel="stylesheet" href="https://fonts.example.org/css">',
        '<script async src="//cdn.example.org/a.js"></script>',
        '<link href="https://fonts.example.org" rel="preconnect" crossorigin>',
    ],
)
def test_a_planted_fetch_is_found(planted: str) -> None:
    assert FETCHED.findall(planted)
    assert FETCHED.findall('<a href="https://example.org/">followed by a reader</a>') == []
