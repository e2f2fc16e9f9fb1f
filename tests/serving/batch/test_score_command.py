"""`leadworth score`, as it is called."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from leadworth import cli
from models.bundle import Bundle
from tests.make_bundle import make_bundle, make_leads
from tests.make_registry import make_registry


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_bundle().save(tmp_path / "bundle")
    make_leads(60).to_csv(tmp_path / "in.csv", index=False)
    (tmp_path / "leadworth.toml").write_text(
        'currency = "EUR"\n[leads]\nsubmitted_at = "submitted_at"\n'
        '[leads.columns]\nemail = "email"\nsource = "source"\nphone = "phone"\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["score", *arguments])
    return int(ended.value.code or 0)


def test_a_file_is_scored_and_summed_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "in.csv").open("a") as file:
        file.write("L1,too,few\n")

    options = ["--as-of", "2026-06-01", "--keep", "email, company", "--sort", "value", "--reasons", "none"]
    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", *options) == 0

    said = capsys.readouterr()
    assert "61 rows in = 60 scored as at submit + 1 set aside" in said.out
    assert "out.rejected.csv" in said.out
    assert "linkedin" in said.out
    assert "The file has no column Plan, Seats; they count as missing." in said.err
    scores = pd.read_csv(folder / "out.csv")
    assert set(scores["lead_id"]) == {f"L{number}" for number in range(60)}
    assert scores["predicted_value"].is_monotonic_decreasing
    assert list(scores.columns)[:4] == ["lead_id", "email", "company", "status"]
    assert scores["reasons"].isna().all()
    assert scores["scored_at"].unique().tolist() == ["2026-06-01T00:00:00+00:00"]


def test_unreadable_cells_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder / "leadworth.toml"
    settings.write_text(settings.read_text() + 'employees = "staff"\n')
    make_leads(20).assign(staff=["50"] * 16 + ["plenty"] * 3 + ["n/a"]).to_csv("in.csv", index=False)

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--at-submit") == 0

    warning = "Warning: 'staff': 3 of 19 numbers cannot be read (16 %), such as 'plenty'; they count as missing"
    assert warning in capsys.readouterr().err


def test_rows_set_aside_repeated_ids_and_dates_to_come_are_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads = make_leads(20)
    leads["lead_id"] = [f"L-{number:04}" for number in range(20)]
    leads.loc[3, "lead_id"] = "L-0002"
    leads.loc[5, "lead_id"] = "l-0004"
    leads["submitted_at"] = leads["submitted_at"].astype(str)
    leads.loc[7, "submitted_at"] = "2026-13-45"
    leads.loc[9, "submitted_at"] = "2030-01-01T00:00:00+00:00"
    leads.to_csv("in.csv", index=False)

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--as-of", "2027-06-01") == 0

    said = capsys.readouterr().err
    assert "'submitted_at': 1 of 20 dates cannot be read (5 %), such as '2026-13-45'; their rows are set aside" in said
    assert "1 row has the id of another row, such as 'L-0002'" in said
    assert "1 id differs from another only in case, such as 'L-0004', 'l-0004'" in said
    assert "1 lead has a submit after the scoring, 2027-06-01 00:00 UTC (the last 2030-01-01)" in said


def test_deals_find_the_leads_of_a_file_by_its_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder / "leadworth.toml"
    settings.write_text(
        settings.read_text() + '[outcomes]\npath = "deals.csv"\nlead_id = "Id"\nkey = "Deal"\nstage = "Stage"\n'
        'won_stages = ["Won"]\nlost_stages = ["Lost"]\n'
    )
    (folder / "deals.csv").write_text("Id,Stage\n007,Won\n8.0,Lost\n9,New\n")
    make_leads(4).assign(Deal=["7", "8", "8;9", ""]).to_csv("in.csv", index=False)
    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--include-closed") == 0
    assert pd.read_csv("out.csv")["status"].tolist()[:2] == ["won", "lost"]
    assert not set(pd.read_csv("out.csv")["status"][2:]) & {"won", "lost"}
    assert "no column 'Deal'" not in capsys.readouterr().err

    make_leads(4).to_csv("in.csv", index=False)
    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle") == 0
    assert set(pd.read_csv("out.csv")["status"]) == {"at submit"}
    assert "no column 'Deal', by which [outcomes] finds the leads" in capsys.readouterr().err


def test_inputs_that_differ_from_training_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder / "leadworth.toml"
    columns = "".join(f'{name} = "{name}"\n' for name in ("first_name", "company", "job_title", "employees", "message"))
    settings.write_text(settings.read_text() + columns)
    leads = make_leads(300).drop(columns=["lead_id"]).assign(lead_id=range(300))
    leads.columns = leads.columns.str.removeprefix("extras.")

    def warnings(table: pd.DataFrame) -> list[str]:
        table.to_csv("in.csv", index=False)
        assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--at-submit") == 0
        return [line for line in capsys.readouterr().err.splitlines() if line.startswith("Warning")]

    names = {line.split()[1] for line in warnings(leads)}
    assert not names & {"employees", "company", "source", "Seats"}
    [without] = [line for line in warnings(leads.drop(columns="employees")) if "employees" in line]
    assert "employees is missing in 100% of the rows (training: 2" in without
    assert "of the predicted value" in without or "predicted value would be" in without
    assert "What to do: map employees in [leads.columns]" in without
    swapped = warnings(leads.assign(company=leads["job_title"], job_title=leads["company"], employees=900))
    assert any(line.startswith("Warning: employees differs from training") for line in swapped)
    few = warnings(leads.head(2).drop(columns="employees"))  # a quarter of the training leads lack it
    assert not [line for line in few if "employees" in line]


def test_the_champion_scores_where_no_bundle_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry = make_registry(folder)
    for _ in range(2):
        version = registry.register(folder / "bundle")
    registry.set_alias("champion", version)

    assert run("in.csv", "-o", "out.csv") == 0
    assert "scored by model 2 as of" in capsys.readouterr().out
    assert pd.read_csv(folder / "out.csv")["model_version"].unique().tolist() == [2]


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(file.name for file in folder.iterdir())

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--dry-run") == 0
    assert sorted(file.name for file in folder.iterdir()) == before
    said = capsys.readouterr().out
    assert "L19" in said
    assert "L20" not in said
    assert "nothing was written" in said


@pytest.mark.parametrize("own_file", [True, False])
def test_a_checkbox_of_wins_is_read_as_in_training(
    folder: Path, capsys: pytest.CaptureFixture[str], own_file: bool
) -> None:
    leads = pd.read_csv(folder / "in.csv")
    ticked = pd.Series(["checked" if row < 2 else None for row in range(len(leads))])
    closed = pd.Series(["2026-03-01" if row < 20 else None for row in range(len(leads))])
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"], "is_won": ticked, "closed": closed})
    path = 'path = "deals.csv"\n' if own_file else ""
    outcomes.to_csv(folder / "deals.csv", index=False)
    if not own_file:
        leads.merge(outcomes, on="lead_id").to_csv(folder / "in.csv", index=False)
    with (folder / "leadworth.toml").open("a") as file:
        file.write(f'[outcomes]\n{path}won = "is_won"\nwon_at = "closed"\n')

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--as-of", "2028-06-01") == 0
    assert "60 rows in = 58 past the horizon + 2 closed (2 won) + 0 set aside" in capsys.readouterr().out


@pytest.mark.parametrize("own_file", [True, False])
def test_the_history_says_whether_the_flag_of_wins_is_a_checkbox(
    folder: Path, capsys: pytest.CaptureFixture[str], own_file: bool
) -> None:
    """A file of open leads has no tick, and the expected close date of each."""
    leads = pd.read_csv(folder / "in.csv")
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"], "is_won": None, "closed": "2026-03-01"})
    path = 'path = "deals.csv"\n' if own_file else ""
    outcomes.to_csv(folder / "deals.csv", index=False)
    if not own_file:
        leads.merge(outcomes, on="lead_id").to_csv(folder / "in.csv", index=False)
    with (folder / "leadworth.toml").open("a") as file:
        file.write(f'[outcomes]\n{path}won = "is_won"\nwon_at = "closed"\n')
    bundle = make_bundle()
    for is_checkbox, said in (
        (True, "60 past the horizon + 0 set aside"),
        (False, "all 60 leads of in.csv are closed"),
    ):
        meta = bundle.meta.model_copy(update={"checkboxes": {"is_won": is_checkbox}})
        Bundle(bundle.spec, bundle.value_model, bundle.policy, meta, bundle.reference).save(folder / str(is_checkbox))
        run("in.csv", "-o", "out.csv", "--bundle", str(is_checkbox), "--as-of", "2028-06-01")
        written = capsys.readouterr()
        assert said in written.out + written.err


def test_history_is_counted_by_status_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "deals.csv").write_text("lead_id,won_at\nL0,2026-03-01\nL1,2026-03-01\n")
    with (folder / "leadworth.toml").open("a") as file:
        file.write('[outcomes]\npath = "deals.csv"\nwon_at = "won_at"\n')

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--as-of", "2028-06-01") == 0
    said = capsys.readouterr()
    assert "60 rows in = 58 past the horizon + 2 closed (2 won) + 0 set aside" in said.out
    assert "Closed leads are left out; --include-closed keeps them" in said.out
    assert "58 leads were submitted more than 365 days (the horizon) before 2028-06-01" in said.err
    assert "add --at-submit; as of an earlier moment, --as-of (the last submit is of 2026-" in said.err

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--as-of", "2028-06-01", "--include-closed") == 0
    assert "Closed leads are scored as at their submit" in capsys.readouterr().out
    assert pd.read_csv(folder / "out.csv")["status"].value_counts().to_dict() == {"past horizon": 58, "won": 2}

    assert run("in.csv", "-o", "out.csv", "--bundle", "bundle", "--at-submit") == 0
    said = capsys.readouterr()
    assert "60 rows in = 60 scored as at submit + 0 set aside" in said.out
    assert "horizon" not in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in.csv", "--bundle", "bundle"], "no --output is given"),
        (["in.csv", "-o", "out.csv", "--bundle", "bundle", "--as-of", "soon"], "--as-of 'soon' is no time"),
        (["none.csv", "-o", "out.csv", "--bundle", "bundle"], "there is no file"),
        (["in.csv", "-o", "out.xls", "--bundle", "bundle"], "which format"),
        (["in.csv", "-o", "out.csv", "--config", "none.toml"], "no settings file"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_done_is_said(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert says in capsys.readouterr().err
