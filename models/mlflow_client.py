"""Import MLflow without telemetry, log noise and long retries; the first import takes seconds."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from types import ModuleType

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # no data leaves the machine without a request
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # the default waits for minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def import_mlflow() -> ModuleType:
    """Import MLflow, configured on the first call.

    Warnings are silenced during the first import only: `warnings.catch_warnings` changes the whole process, and the
    service calls the registry on a thread of its own.
    """
    if "mlflow.pyfunc" in sys.modules:
        return sys.modules["mlflow"]
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.pyfunc

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    # It logs an error of the database with its traceback and the statement, and raises it as well.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    return mlflow
