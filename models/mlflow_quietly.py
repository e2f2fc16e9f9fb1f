"""MLflow without its noise, its telemetry and its minutes of retries; it takes seconds to import."""

from __future__ import annotations

import logging
import os
import warnings
from types import ModuleType

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # nothing leaves the machine unasked
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # the default waits for minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def import_mlflow() -> ModuleType:
    """Import MLflow without its noise."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.pyfunc

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        return mlflow
