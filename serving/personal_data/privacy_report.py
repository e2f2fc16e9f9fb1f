"""The report on personal data: the inventory with the settings in force and what is there now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadworth.errors import StoreError
from serving.personal_data.redis_erasure import open_eraser
from store.data_inventory import CACHES, FILES, TABLES
from store.row_counts import row_counts
from store.stored_data import StoredData

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings


@dataclass(frozen=True)
class ReportRow:
    """A table, file or cache in the report; see `store.data_inventory.StoredData`."""

    name: str
    kind: str
    content: str
    subjects: str
    purpose: str
    kept: str
    now: str
    protection: str
    readers: str
    erasure: str


def report_rows(settings: Settings, engine: Engine) -> list[ReportRow]:
    """Return the report: tables, then files, then caches.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    counts = row_counts(engine)
    cached = _cached(settings)
    parts: tuple[tuple[str, tuple[StoredData, ...], Callable[[str], str]], ...] = (
        ("table", TABLES, lambda name: f"{counts[name]:,} rows"),
        ("file", FILES, lambda name: _files(settings.folder, name)),
        ("cache", CACHES, lambda name: cached if name.startswith("leadworth:") else "not counted"),
    )
    return [
        ReportRow(
            name=data.name,
            kind=kind,
            content=data.content,
            subjects=data.subjects,
            purpose=data.purpose,
            kept=data.kept(settings.retention),
            now=now(data.name),
            protection=data.protection,
            readers=data.readers,
            erasure=data.erasure,
        )
        for kind, inventory, now in parts
        for data in inventory
    ]


def _files(folder: Path, names: str) -> str:
    paths = [path for name in names.split() for path in folder.glob(name)]
    files = [path for root in paths for path in (root.rglob("*") if root.is_dir() else [root]) if path.is_file()]
    return f"{len(files):,} files, {sum(path.stat().st_size for path in files):,} bytes"


def _cached(settings: Settings) -> str:
    if settings.serving.redis is None:
        return "not in use"
    try:
        with open_eraser(settings.serving.redis.get_secret_value()) as cache:
            return f"{cache.count_keys():,} keys"
    except StoreError:
        return "Redis does not answer"
