"""The folder of a run: one writer, one job, no secrets; late workers of an interrupted run are harmless."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadworth.errors import InputError
from leadworth.settings import Settings
from models.bundle import Bundle
from serving.batch.run_folder import find_unfinished, open_run, run_folder, worker_settings
from serving.batch.score_job import ScoreJob
from tests.make_bundle import make_bundle
from tests.serving.batch.test_score_job import AS_OF, settings_of, write_leads


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle()


@pytest.fixture
def job(tmp_path: Path, bundle: Bundle) -> ScoreJob:
    write_leads(tmp_path / "leads.csv", 5)
    return ScoreJob(tmp_path / "leads.csv", bundle, settings_of(tmp_path), AS_OF)


def interrupted(job: ScoreJob, out: Path) -> Path:
    with pytest.raises(KeyboardInterrupt), open_run(job, out) as folder:
        raise KeyboardInterrupt
    return folder


def test_an_interrupted_run_is_opened_again(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    first = interrupted(job, out)
    with open_run(job, out) as folder:
        assert folder == first
    assert not run_folder(out).exists()


def test_another_job_gets_a_folder_of_its_own(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    first = interrupted(job, out)
    with open_run(dataclasses.replace(job, at_submit=True), out) as folder:
        assert folder != first
        assert not first.exists()
        first.mkdir()  # a late worker of the first run
        (first / "late").touch()
    assert not run_folder(out).exists()


def test_a_damaged_run_begins_anew(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    first = interrupted(job, out)
    (first / "run.json").write_text("")
    with open_run(job, out) as folder:
        assert folder != first
        assert not first.exists()


def test_a_run_of_yesterday_begins_anew(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    manifest = interrupted(job, out) / "run.json"
    assert find_unfinished(job, out) is not None
    content = json.loads(manifest.read_text())
    content["started"] = (datetime.now(UTC) - timedelta(days=1, seconds=1)).isoformat()
    manifest.write_text(json.dumps(content))
    assert find_unfinished(job, out) is None


def test_other_outcomes_begin_anew(tmp_path: Path, bundle: Bundle) -> None:
    for name in ("leads.csv", "deals.csv"):
        write_leads(tmp_path / name, 5)
    job = ScoreJob(tmp_path / "leads.csv", bundle, settings_of(tmp_path, path="deals.csv"), AS_OF)
    at_submit = dataclasses.replace(job, at_submit=True)
    interrupted(job, tmp_path / "open.csv")
    interrupted(at_submit, tmp_path / "new.csv")
    write_leads(tmp_path / "deals.csv", 6)
    assert find_unfinished(job, tmp_path / "open.csv") is None
    assert find_unfinished(at_submit, tmp_path / "new.csv") is not None


def test_errors_of_the_leads_leave_no_copy_of_them(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    with pytest.raises(InputError, match="no id"), open_run(job, out):
        raise InputError("no id")
    assert not run_folder(out).exists()


def test_two_runs_cannot_write_the_same_output(job: ScoreJob, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    with open_run(job, out), pytest.raises(InputError, match="another run writes"), open_run(job, out):
        pass


def test_an_output_folder_that_does_not_exist(job: ScoreJob, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"), open_run(job, tmp_path / "absent" / "scored.csv"):
        pass


def test_workers_get_no_secrets() -> None:
    secret = "postgresql://user:hidden@host/crm"
    settings = Settings(
        currency="EUR",
        leads={"path": secret, "table": "leads"},
        outcomes={
            "path": "crm:hubspot",
            "joins": [{"path": secret, "table": "roles", "column": "id", "meets": "deal"}],
        },
        secret="hidden" * 8,
        serving={"store": secret},
        report={"mail": {"smtp": "smtps://user:hidden@host:465"}},
        forms={"keys": ["hidden" * 8]},
        registry={"uri": "postgresql://user:hidden@host/mlflow"},
    )
    sent = worker_settings(settings)
    texts = [repr(sent), sent.model_dump_json(), repr(sent.__dict__)]
    texts += [str(value.get_secret_value()) for value in (sent.serving.store, *sent.forms.keys)]
    assert not [text for text in texts if "hidden" in text]
    assert sent.secret is None
    assert (sent.leads.table, sent.outcomes.path) == ("leads", "crm:hubspot")
