"""The real pages and their gold, which lie outside the repository."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """A saved page and what a person found on it; `gold` is one row of gold.jsonl."""

    key: str
    body: bytes
    gold: dict[str, Any]

    @property
    def url(self) -> str:
        """Where the page stood; an invented URL where nobody knows."""
        return self.gold["url"] or "http://www.example.gov.cn/page.html"

    @property
    def is_list(self) -> bool:
        """True for a list page: its gold names items and pages."""
        return bool(self.gold.get("kind") == "list")


def folder() -> Path | None:
    """The folder of prepared material; None where this machine has none."""
    shared = Path(os.environ.get("GONGKAI_SHARED") or ROOT.parent / "shared")
    return shared / "pages" if (shared / "pages" / "gold.jsonl").exists() else None


def gold_pages(pages: Path) -> list[GoldPage]:
    """Every page that has gold, by key."""
    rows = [json.loads(line) for line in (pages / "gold.jsonl").read_text("utf-8").splitlines()]
    return [
        GoldPage(key=row["id"], body=(pages / f"{row['id']}.html").read_bytes(), gold=row)
        for row in sorted(rows, key=lambda row: str(row["id"]))
    ]


def corpus_digest(pages: list[GoldPage]) -> str:
    """One digest over all pages and their gold: floors belong to exactly this corpus."""
    digest = hashlib.sha256()
    for page in pages:
        digest.update(page.key.encode() + page.body)
        digest.update(json.dumps(page.gold, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
