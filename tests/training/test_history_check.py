"""A history that was not read right stops the training with one sentence that leads on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm.lead_history import read_history
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from training.history_check import history_warnings, require_readable

LEADS = [f"{20_000 + number},2026-01-{number % 28 + 1:02d}" for number in range(100)]


def check(folder: Path, deals: Sequence[str], **more: Any) -> list[str]:
    """Check leads and deals (lead, won, closed, amount) as `leadworth train` does; return the warnings."""
    (folder / "leads.csv").write_text("\n".join(["id,at", *more.pop("leads", LEADS)]))
    (folder / "deals.csv").write_text("\n".join(["lead,won,closed,amount", *deals]))
    outcomes = {"path": "deals.csv", "lead_id": "lead", "won": "won", "won_at": "closed", "revenue": "amount"}
    leads = {"path": "leads.csv", "id": "id", "submitted_at": "at"}
    settings = Settings(currency="EUR", folder=folder, leads=leads, outcomes=outcomes, **more)
    history = read_history(settings)
    require_readable(history, settings)
    return [what for what, _ in history_warnings(history, settings)]


def deals(count: int, form: str = "{},yes,2026-03-01,100") -> list[str]:
    return [form.format(20_000 + number) for number in range(count)]


def test_a_history_in_order(tmp_path: Path) -> None:
    assert check(tmp_path, deals(40)) == []


def test_wins_before_the_submit_are_counted(tmp_path: Path) -> None:
    late = deals(40)
    (warning,) = check(tmp_path, [*late[3:], *deals(3, "{},yes,2025-03-01,100")])
    assert warning.startswith("3 of 40 won leads were won before their submit, such as on 2025-03-01 and 2026-01-0")
    assert check(tmp_path, [*late[2:], *deals(2, "{},yes,2025-03-01,100")]) == []  # 5 %
    assert check(tmp_path, deals(40, "{},yes,2025-12-31,100")[:1] + late[1:]) == []


def test_dates_in_the_future_are_named(tmp_path: Path) -> None:
    rows = deals(40)
    year = pd.Timestamp.now().year + 5
    (warning,) = check(tmp_path, [*rows[1:], *deals(1, f"{{}},yes,{year}-03-01,100")])
    assert warning.startswith(f"dates in the future: 1, such as {year}-03-01 in won_at of lead 20000; such a lead")


def test_an_export_of_closed_leads_is_a_warning(tmp_path: Path) -> None:
    leads = ["id,at,stage", *(f"{lead},{'won' if number % 9 else 'lost'}" for number, lead in enumerate(LEADS))]
    outcomes = {"stage": "stage", "won_stages": ["won"], "lost_stages": ["lost"]}
    source = {"path": "leads.csv", "id": "id", "submitted_at": "at"}
    settings = Settings(currency="EUR", folder=tmp_path, leads=source, outcomes=outcomes)
    (tmp_path / "leads.csv").write_text("\n".join(leads))
    assert history_warnings(read_history(settings), settings)[0][0] == "all 100 leads are closed, the newest ones too"
    (tmp_path / "leads.csv").write_text("\n".join([*leads, "1,2026-01-29,new"]))
    assert history_warnings(read_history(settings), settings) == []


def test_outcomes_that_meet_no_lead_stop_with_an_id_of_each_side(tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as stopped:
        check(tmp_path, [*deals(40, "D-{},yes,2026-03-01,100"), *deals(10)])
    text = str(stopped.value)
    assert "40 of 50 rows of outcomes with an id meet no lead: 'lead' of the outcomes is compared with 'id'" in text
    assert "such as 'D-20000', while the leads have '20000'" in text
    assert "[[outcomes.joins]]" in text
    assert check(tmp_path, [*deals(40, "D-{},yes,,100"), *deals(10)], training={"max_unmatched": 0.9})


def test_many_outcomes_that_meet_no_lead_are_a_warning(tmp_path: Path) -> None:
    assert check(tmp_path, [*deals(4, "9{},yes,2026-03-01,100"), *deals(40)])[0].startswith("4 of 44 rows of outcomes")
    assert check(tmp_path, [*deals(2, "9{},yes,2026-03-01,100"), *deals(50)]) == []
    assert check(tmp_path, [*deals(40), *[",yes,2026-03-01,1"] * 60]) == [], "deals of no lead have no id"


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("{},vielleicht,2026-03-01,100", "'won': 10 of 50 flags cannot be read (20 %), such as 'vielleicht'"),
        ("{},yes,bald,100", "'closed': 10 of 50 dates cannot be read (20 %), such as 'bald'"),
        ("{},yes,2026-03-01,viel", "'amount': 10 of 50 amounts cannot be read (20 %), such as 'viel'"),
    ],
)
def test_unreadable_cells_stop_above_the_share(tmp_path: Path, form: str, fault: str) -> None:
    rows = [*deals(10, form), *deals(50)[10:]]
    with pytest.raises(TrainingError) as stopped:
        check(tmp_path, rows)
    assert fault in str(stopped.value)
    assert "[training] max_unreadable" in str(stopped.value)
    check(tmp_path, rows, training={"max_unreadable": 0.2})
    check(tmp_path, [*deals(2, form), *deals(50)[2:]])


def test_unreadable_submit_times_stop(tmp_path: Path) -> None:
    leads = [row.replace("2026-01", "bald") if number % 10 == 0 else row for number, row in enumerate(LEADS)]
    with pytest.raises(TrainingError, match="'at': 10 of 100 dates cannot be read"):
        check(tmp_path, deals(40)[1:10], leads=leads)


def test_won_deals_without_revenue_are_counted(tmp_path: Path) -> None:
    rows = [*deals(3, "{},yes,2026-03-01,"), *deals(50)[3:48], *deals(50, "{},yes,2026-03-01,viel")[48:]]
    assert check(tmp_path, rows) == ["of 50 won rows, 3 have no revenue and the revenue of 2 cannot be read"]


def test_leads_whose_ids_differ_in_form_only_are_counted(tmp_path: Path) -> None:
    warnings = check(tmp_path, [*deals(40), "0020099,yes,,1"], leads=[*LEADS, "020099,2026-01-01"])
    assert warnings[0].startswith("1 rows of outcomes have an id that several leads have in another form")
    assert warnings[1].startswith("2 lead ids differ from another only in their form")
