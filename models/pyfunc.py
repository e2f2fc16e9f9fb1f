"""MLflow Python function of a bundle, for users who load the model with MLflow.

MLflow runs this file when it loads the model (models from code), with the packages `leadworth`, `features` and
`models` in the artefact. The processes of leadworth read the bundle instead.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from leadworth.records import AGE
from models.bundle import Bundle
from models.lead_frame import lead_table


class LeadworthModel(PythonModel):
    """Score a table of leads.

    Input columns are the fields of a lead, all optional, the extra columns of the training data, and `age_days`, the
    days since submit of open leads. The output has the columns of a scored file.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle."""
        self.bundle = Bundle.load(context.artifacts["bundle"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return the scores, row by row."""
        del context, params
        table = lead_table(model_input, self.bundle.spec.extras)
        age = pd.to_numeric(model_input[AGE], errors="coerce").to_numpy(float) if AGE in model_input.columns else None
        return self.bundle.score_table(table, scored_at=datetime.now(UTC), age_days=age)


set_model(LeadworthModel())
