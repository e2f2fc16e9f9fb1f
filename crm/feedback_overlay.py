"""Labels that people gave to leads through the service, laid over the outcomes of the CRM.

The newest label of a lead overrides the CRM: it makes the lead junk or engaged, or takes the junk back.
"""

from __future__ import annotations

import pandas as pd

from crm.id_matching import IdIndex
from crm.outcome_fold import fold
from crm.outcome_table import empty_facts
from leadworth.errors import StoreError
from leadworth.settings import OutcomesSource, Settings
from store.engine import is_new, open_store
from store.feedback import ENGAGED_LABELS, LatestLabel, latest_labels


def read_feedback(settings: Settings) -> pd.DataFrame:
    """Return the newest label of each lead.

    Returns
    -------
    pandas.DataFrame
        Columns `lead_id`, `junk`, `engaged` (flags) and `given_at` (UTC); no rows if the service was never
        started, so that there is no store yet.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    try:
        labels = _read_labels(settings)
    except StoreError as error:
        raise StoreError(f"the feedback cannot be read: {error.given}", do=error.do) from error
    table = pd.DataFrame(labels, columns=["lead_id", "label", "given_at"], dtype="str")
    return pd.DataFrame(
        {
            "lead_id": table["lead_id"],
            "junk": table["label"].eq("junk"),
            "engaged": table["label"].isin(ENGAGED_LABELS),
            "given_at": pd.to_datetime(table["given_at"], utc=True).astype("datetime64[us, UTC]"),
        }
    )


def _read_labels(settings: Settings) -> list[LatestLabel]:
    with open_store(settings) as engine:
        if is_new(engine):
            return []
        with engine.connect() as connection:
            return latest_labels(connection)


def match_feedback(feedback: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Return the labels of existing leads, with the ids of the leads; ids match in any form.

    Examples
    --------
    >>> labels = pd.DataFrame({"lead_id": ["007", "8"], "junk": True, "engaged": False, "given_at": pd.NaT})
    >>> match_feedback(labels, pd.DataFrame({"lead_id": ["7"]}))["lead_id"].tolist()
    ['7']
    """
    matches = IdIndex(leads["lead_id"]).match(feedback["lead_id"])
    labels = feedback.iloc[matches.rows].assign(lead_id=leads["lead_id"].iloc[matches.reference_rows].to_numpy())
    return labels.sort_values("given_at", kind="stable", na_position="first").drop_duplicates("lead_id", keep="last")


def with_feedback(outcomes: pd.DataFrame, leads: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    """Return the outcome table with the labels laid over it.

    Parameters
    ----------
    outcomes
        At most one row per lead.
    leads
        Lead table; labels of leads that are not in it are left out.
    feedback
        Result of `read_feedback`.

    Examples
    --------
    >>> at = pd.to_datetime(["2026-03-01"], utc=True)
    >>> labels = pd.DataFrame({"lead_id": ["7"], "junk": [True], "engaged": [False], "given_at": at})
    >>> none = fold(pd.Series([], dtype="str"), empty_facts(0), OutcomesSource())
    >>> with_feedback(none, pd.DataFrame({"lead_id": ["7"]}), labels)[["lead_id", "junk"]].values.tolist()
    [['7', True]]
    """
    labels = match_feedback(feedback, leads)
    labels = labels[labels["junk"] | labels["engaged"]]
    if labels.empty:
        return outcomes
    new = labels.loc[~labels["lead_id"].isin(outcomes["lead_id"]), "lead_id"]
    if len(new):
        blank = fold(new.reset_index(drop=True), empty_facts(len(new)), OutcomesSource())
        outcomes = pd.concat([outcomes, blank], ignore_index=True) if len(outcomes) else blank
    row_of_label = pd.Index(outcomes["lead_id"]).get_indexer(labels["lead_id"])
    changed = outcomes.copy()
    for name, opposite in (("junk", "engaged"), ("engaged", "junk")):
        rows = row_of_label[labels[name].to_numpy(dtype=bool)]
        changed.loc[rows, name] = True
        changed.loc[rows, opposite] = False
        changed.loc[rows, f"{name}_at"] = labels.loc[labels[name], "given_at"].to_numpy()
    return changed
