"""Real MLflow registries in database files; the empty one is created once per machine because that takes seconds."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from models.model_registry import ModelRegistry


def _empty() -> Path:
    template = Path(tempfile.gettempdir()) / f"leadworth-tests-{os.getuid()}-mlflow-{version('mlflow')}.db"
    if not template.is_file():
        with tempfile.TemporaryDirectory(dir=template.parent) as scratch:
            registry = ModelRegistry(f"sqlite:///{scratch}/mlflow.db")
            with registry._errors_of("create the tables"):
                registry._writer()
            os.replace(Path(scratch) / "mlflow.db", template)
    return template


def make_registry(folder: Path) -> ModelRegistry:
    """Return an empty registry that stores its database and artefacts below a folder."""
    shutil.copy(_empty(), folder / "mlflow.db")
    return ModelRegistry(f"sqlite:///{folder / 'mlflow.db'}", (folder / "mlartifacts").as_uri())
