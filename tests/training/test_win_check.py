"""A history that does not show which leads were won stops the training."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm.lead_history import read_history
from leadworth.cli import main
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from training.history_check import require_readable
from training.time_split import known_history
from training.win_check import require_wins

LEADS = 120
START = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> pd.DataFrame:
    """Return leads of which a third is won, a third lost and a third open; every closed lead has a close date."""
    table = pd.DataFrame({"id": [f"L{number}" for number in range(LEADS)]})
    table["at"] = [(START + timedelta(days=number)).strftime("%Y-%m-%d") for number in range(LEADS)]
    table["source"] = ["ads", "fair"] * (LEADS // 2)
    table["stage"] = ["Closed Won", "Closed Lost", "Negotiation"] * (LEADS // 3)
    table["won"] = table["stage"].eq("Closed Won").map({True: "yes", False: "no"})
    table["lost"] = table["stage"].eq("Closed Lost").map({True: "yes", False: "no"})
    later = [(START + timedelta(days=number + 20)).strftime("%Y-%m-%d") for number in range(LEADS)]
    table["close"] = pd.Series(later).where(table["stage"].ne("Negotiation"), "")
    table["won_on"] = table["close"].where(table["won"].eq("yes"), "")
    table["lost_on"] = table["close"].where(table["lost"].eq("yes"), "")
    return table


def check(folder: Path, table: pd.DataFrame, **outcomes: Any) -> None:
    """Check a history as `leadworth train` does."""
    table.to_csv(folder / "leads.csv", index=False)
    settings = Settings(
        currency="EUR",
        folder=folder,
        outcomes=outcomes,
        leads={"path": "leads.csv", "id": "id", "submitted_at": "at", "columns": {"source": "source"}},
    )  # type: ignore[arg-type]
    history = read_history(settings)
    require_readable(history, settings)
    known = known_history(history, as_of=None, not_before=None, horizon_days=365)
    require_wins(history, known, settings.outcomes)


LOST_STAGE = {"stage": "stage", "lost_stages": ["Closed Lost"]}
WON_STAGE = {**LOST_STAGE, "won_stages": ["Closed Won"]}


@pytest.mark.parametrize(
    "outcomes",
    [
        {"won": "won"},
        {"won_at": "won_on"},
        {"won_at": "won_on", "lost_at": "lost_on"},
        {"won_at": "won_on", "lost": "lost"},
        {"won_at": "won_on", **LOST_STAGE},
        WON_STAGE,
        {**WON_STAGE, "won_at": "close"},
        {**WON_STAGE, "won_at": "close", "lost_at": "close"},
        {"won": "won", "won_at": "close", "lost": "lost", "lost_at": "close"},
    ],
    ids=str,
)
def test_evidence_of_won_leads_is_accepted(tmp_path: Path, outcomes: dict[str, Any]) -> None:
    check(tmp_path, rows(), **outcomes)


@pytest.mark.parametrize(
    "outcomes",
    [
        {"won_at": "close", **LOST_STAGE},
        {"won_at": "close", "stage": "stage"},
        {"won_at": "close", "lost": "lost"},
        {"won_at": "close", "lost_at": "close"},
        {"won_at": "close", "lost_at": "close", "lost": "lost"},
        {"won_at": "close", "lost_at": "close", **LOST_STAGE},
    ],
    ids=str,
)
def test_a_date_that_lost_rows_have_is_no_evidence(tmp_path: Path, outcomes: dict[str, Any]) -> None:
    with pytest.raises(
        TrainingError, match=r"'close'.* 80 of 80 won rows have no other evidence.*won_stages"
    ) as stopped:
        check(tmp_path, rows(), **outcomes)
    if "lost_at" not in outcomes:
        assert "40 of 40 lost rows have a date" in str(stopped.value)


def test_a_flag_of_some_wins_does_not_make_the_date_evidence(tmp_path: Path) -> None:
    table = rows()
    table["won"] = table["won"].where(table["won"].eq("yes") | (table.index == 1), "")
    with pytest.raises(TrainingError, match="39 of 79 won rows have no other evidence"):
        check(tmp_path, table, won="won", won_at="close", lost="lost")


def test_a_flag_that_lost_its_values_does_not_leave_the_decision_to_the_date(tmp_path: Path) -> None:
    """As where the user who exports lost the right to see the field."""
    table = rows().assign(won="")
    with pytest.raises(TrainingError, match="'won', which is empty in every row, so that each of the 80 rows"):
        check(tmp_path, table, won="won", won_at="close")
    check(tmp_path, table, won_at="won_on")


def test_a_checkbox_of_the_wins_beside_the_date_of_every_closed_lead_is_evidence(tmp_path: Path) -> None:
    table = rows()
    table["won"] = table["won"].where(table["won"].eq("yes"), "")
    check(tmp_path, table, won="won", won_at="close", lost="lost")
    check(tmp_path, table, won="won", won_at="close")


def test_a_few_lost_rows_with_a_date_are_accepted(tmp_path: Path) -> None:
    table = rows()
    table.loc[1, "won_on"] = table.loc[1, "close"]
    check(tmp_path, table, won_at="won_on", lost="lost")


def test_all_rows_lost_is_an_error(tmp_path: Path) -> None:
    table = rows().assign(stage="Closed Lost", lost="yes")
    for outcomes in (LOST_STAGE, {"lost": "lost", "lost_at": "close"}, {"won_at": "close", "lost": "lost"}):
        with pytest.raises(TrainingError):
            check(tmp_path, table, **outcomes)


def test_without_evidence_the_candidate_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as stopped:
        check(tmp_path, rows().rename(columns={"stage": "Phase", "close": "Close Date"}))
    text = str(stopped.value)
    assert "none of 120 leads is won; nothing in [outcomes] identifies won leads" in text
    assert "'Phase' (40 rows say 'Closed Won')" in text
    assert "'Close Date' (the header may mean the time of closing, won or lost)" in text
    assert "'source'" not in text


def test_without_any_candidate_the_error_says_what_to_export(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no column seems to show which leads were won"):
        check(tmp_path, rows()[["id", "at", "source"]])


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"won_stages": ["closed-won"]}, r"'closed-won' of won_stages never occurs .*value: 'Closed Won', 40"),
        ({"won_stages": ["closed WON", "Signed"]}, r"'Signed' of won_stages never occurs .*'Closed Won', 40 rows"),
        (
            {"won_stages": ["Closed Won"], "lost_stages": ["Lost"]},
            r"'Lost' of lost_stages never occurs .*'Closed Lost'",
        ),
        (
            {"won_stages": ["Closed Won"], "junk": {"column": "source", "values": ["Spam"]}},
            "'Spam' of junk never occurs",
        ),
    ],
)
def test_a_declared_value_that_never_occurs_stops(tmp_path: Path, declared: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        check(tmp_path, rows(), stage="stage", **declared)


def test_wins_after_the_horizon_are_counted_in_the_error(tmp_path: Path) -> None:
    table = rows()
    table["won_on"] = table["won_on"].replace(r"^2026", "2028", regex=True)
    with pytest.raises(TrainingError, match=r"within 365 days of its submit, though 40 are won in all"):
        check(tmp_path, table, won_at="won_on")


def test_the_command_registers_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows()[["id", "at", "source"]].to_csv(tmp_path / "leads.csv", index=False)
    config = tmp_path / "leadworth.toml"
    config.write_text(
        'currency = "EUR"\n[leads]\npath = "leads.csv"\nid = "id"\nsubmitted_at = "at"\n'
        '[leads.columns]\nsource = "source"\n[registry]\nuri = "sqlite:///mlflow.db"\n'
    )
    with pytest.raises(SystemExit) as ended:
        main(["train", "--config", str(config)])
    assert ended.value.code == TrainingError.exit_code
    assert "none of 120 leads is won" in capsys.readouterr().err
    assert not (tmp_path / "mlflow.db").exists()
