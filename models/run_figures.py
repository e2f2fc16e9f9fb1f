"""Metrics and parameters of an MLflow run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BATCH = 100


def log(client: MlflowClient, run: str, metrics: Mapping[str, float], params: Mapping[str, object]) -> None:
    """Log metrics and parameters in batches; a call for each of them takes seconds."""
    from mlflow.entities import Metric, Param

    now = int(datetime.now(UTC).timestamp() * 1000)
    metric_list = [Metric(name, float(amount), now, 0) for name, amount in metrics.items()]
    param_list = [Param(name, str(value)) for name, value in params.items()]
    for start in range(0, max(len(metric_list), len(param_list)), _BATCH):
        chunk = slice(start, start + _BATCH)
        client.log_batch(run, metrics=metric_list[chunk], params=param_list[chunk])


def logged(client: MlflowClient, run_id: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return the metrics and parameters of a run; none if it was deleted for good."""
    from mlflow.exceptions import MlflowException

    try:
        data = client.get_run(run_id).data
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return {}, {}
    return data.metrics, data.params
