"""Floors: what was reached once must be reached again, on exactly the same corpus."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("floors.json")


def load() -> dict[str, float]:
    """The floors by measure; empty when none were set yet."""
    return dict(_data().get("floors", {}))


def save(floors: Mapping[str, float], digest: str) -> None:
    """Writes floors and the digest of the corpus they belong to."""
    data = {"corpus_sha256": digest, "floors": dict(sorted(floors.items()))}
    _FILE.write_text(json.dumps(data, indent=2) + "\n", "utf-8")


def raised(
    floors: Mapping[str, float], reached: Mapping[str, float], *, lower: bool
) -> dict[str, float]:
    """The floors after an update: each the higher of old and new, or the new one with `lower`."""
    if lower:
        return dict(reached)
    return {
        measure: max(floors.get(measure, 0.0), reached.get(measure, 0.0))
        for measure in {*floors, *reached}
    }


def fallen(floors: Mapping[str, float], reached: Mapping[str, float], digest: str) -> list[str]:
    """What is below its floor, and whether the corpus is another than the one of the floors."""
    problems = [
        f"{measure}: {reached.get(measure, 0.0):.4f} is below the floor {floor:.4f}"
        for measure, floor in sorted(floors.items())
        if reached.get(measure, 0.0) < floor
    ]
    pinned = _data().get("corpus_sha256")
    if pinned and pinned != digest:
        problems.append("the corpus is not the one the floors were set on (digest differs)")
    return problems


def _data() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text("utf-8"))) if _FILE.exists() else {}
