"""What people said of leads through the service, laid over what the CRM says of them.

The service appends labels to the table `feedback` of its store. The latest of a lead counts: it makes
the lead junk, or engaged, or takes the junk back, whatever the CRM holds.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from crm.outcome_table import empty_facts, fold
from leadworth.settings import OutcomesSource, Settings

_TABLE = "feedback"
_ENGAGED = ("not_junk", "engaged", "won", "disqualified")
"""A lead that somebody took up as genuine; `lost` says no more than the CRM does."""
_COLUMNS = ("feedback_id", "lead_id", "label", "given_at")


def read_feedback(settings: Settings) -> pd.DataFrame:
    """Return the latest label of each lead.

    Returns
    -------
    pandas.DataFrame
        Columns `lead_id`, `junk`, `engaged` (flags) and `given_at` (UTC); no rows where the service has no store
        yet, or its store cannot be read: the CRM's own labels then stand alone.
    """
    url = settings.database(settings.serving.store.get_secret_value())
    rows = _rows(url.replace("postgresql://", "postgresql+psycopg://", 1))
    latest = rows.sort_values("feedback_id").drop_duplicates("lead_id", keep="last")
    return pd.DataFrame(
        {
            "lead_id": latest["lead_id"].astype("str"),
            "junk": latest["label"].eq("junk"),
            "engaged": latest["label"].isin(_ENGAGED),
            "given_at": pd.to_datetime(latest["given_at"], utc=True).astype("datetime64[us, UTC]"),
        }
    ).reset_index(drop=True)


def _rows(url: str) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=list(_COLUMNS), dtype="str")
    if url.startswith("sqlite:///") and ":memory:" not in url and not _exists(url):
        return nothing
    engine = create_engine(url)
    try:
        if not inspect(engine).has_table(_TABLE):
            return nothing
        wanted = text(f"SELECT {', '.join(_COLUMNS)} FROM {_TABLE}")
        with engine.connect() as connection:
            return pd.DataFrame(connection.execute(wanted).mappings().all(), columns=list(_COLUMNS), dtype="str")
    except SQLAlchemyError:
        return nothing
    finally:
        engine.dispose()


def _exists(url: str) -> bool:
    from pathlib import Path

    return Path(url.removeprefix("sqlite:///")).exists()


def with_feedback(outcomes: pd.DataFrame, leads: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    """Return the outcome table with the labels of the service laid over it.

    Parameters
    ----------
    outcomes
        At most one row per lead.
    leads
        Lead table; labels of leads that are not in it are left out.
    feedback
        What `read_feedback` returned.

    Examples
    --------
    >>> at = pd.to_datetime(["2026-03-01"], utc=True)
    >>> said = pd.DataFrame({"lead_id": ["7"], "junk": [True], "engaged": [False], "given_at": at})
    >>> none = fold(pd.Series([], dtype="str"), empty_facts(0), OutcomesSource())
    >>> with_feedback(none, pd.DataFrame({"lead_id": ["7"]}), said)[["lead_id", "junk"]].values.tolist()
    [['7', True]]
    """
    said = feedback[feedback["lead_id"].isin(leads["lead_id"]) & (feedback["junk"] | feedback["engaged"])]
    if said.empty:
        return outcomes
    new = said.loc[~said["lead_id"].isin(outcomes["lead_id"]), "lead_id"]
    if len(new):
        blank = fold(new.reset_index(drop=True), empty_facts(len(new)), OutcomesSource())
        outcomes = pd.concat([outcomes, blank], ignore_index=True) if len(outcomes) else blank
    place = pd.Index(outcomes["lead_id"]).get_indexer(said["lead_id"])
    changed = outcomes.copy()
    for name, other in (("junk", "engaged"), ("engaged", "junk")):
        rows = place[said[name].to_numpy(dtype=bool)]
        moments = said.loc[said[name], "given_at"]
        changed.loc[rows, name], changed.loc[rows, other] = True, False
        changed.loc[rows, f"{name}_at"] = moments.to_numpy()
    return changed
