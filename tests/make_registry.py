"""A real MLflow registry in a database file; the empty one is made once a machine, since that takes seconds."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from models.registry import Registry


def _empty() -> Path:
    kept = Path(tempfile.gettempdir()) / f"leadworth-tests-{os.getuid()}-mlflow-{version('mlflow')}.db"
    if not kept.is_file():
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            registry = Registry(f"sqlite:///{scratch}/mlflow.db")
            with registry._asked("make the tables"):
                registry._writer()
            os.replace(Path(scratch) / "mlflow.db", kept)
    return kept


def make_registry(folder: Path) -> Registry:
    """Return an empty registry that keeps everything below a folder."""
    shutil.copy(_empty(), folder / "mlflow.db")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}", (folder / "mlartifacts").as_uri())
