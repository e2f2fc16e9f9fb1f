"""A lead has the same score from a table, a file and over HTTP: cold, warm, restarted, by two workers, with Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from leadworth.settings import Settings
from models.bundle import Bundle
from serving.batch.partitioned_run import score_partitioned
from serving.batch.score_job import ScoreJob
from serving.velocity import redis_velocity
from store import velocity_events
from store.engine import open_store
from tests.make_bundle import lead_of, make_bundle, make_leads
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.serving.velocity.redis_server import URL
from training.velocity_backfill import fill_store, with_velocity

NUMBERS = ["win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability"]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def leads_of(rows: int, seed: int) -> pd.DataFrame:
    """Return leads with bursts from a few addresses."""
    leads = make_leads(rows, seed)
    rng = np.random.default_rng(seed)
    minutes = np.where(rng.random(rows) < 0.5, rng.integers(0, 40_000, rows), 12_000 + rng.integers(0, 30, rows))
    leads["submitted_at"] = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(minutes, unit="min")
    leads["submitted_at"] = leads["submitted_at"].astype("datetime64[us, UTC]")
    leads["ip"] = pd.Series([f"203.0.113.{number}" for number in rng.integers(1, 9, rows)], dtype="str")
    number = pd.Series(rng.integers(0, 30, rows).astype(str), dtype="str")
    domain = pd.Series(rng.choice(["acme.io", "plant.it", "gmail.com"], rows), dtype="str")
    leads["email"] = "p" + number + "@" + domain
    # Nothing else is suspicious, so that the junk probability depends on velocity.
    plain = {"first_name": "Ada", "message": "Please send a quote for 20 seats", "user_agent": BROWSER}
    return leads.assign(**plain, honeypot_filled=0.0, webdriver=0.0, phone=None, form_seconds=40.0).astype(
        {"phone": "str"}
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle whose junk model depends on velocity."""
    return make_bundle(leads=with_velocity(leads_of(600, seed=3)))


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """Leads that are known before."""
    leads = leads_of(60, seed=5)
    leads["lead_id"] = "H" + leads["lead_id"]
    return leads


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Leads to score."""
    leads = leads_of(50, seed=6)
    leads["submitted_at"] += pd.Timedelta(minutes=7)
    return leads


@pytest.fixture(scope="module")
def expected(bundle: Bundle, history: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Scores from a table, counted as training does."""
    counted = with_velocity(pd.concat([history, leads], ignore_index=True)).iloc[len(history) :]
    scores = bundle.score_table(counted.reset_index(drop=True), scored_at=AS_OF)
    blind = bundle.score_table(leads, scored_at=AS_OF)
    assert ((scores["junk_probability"] - blind["junk_probability"]).abs() > 0.05).mean() > 0.3  # velocity matters
    return scores.set_index("lead_id")[NUMBERS]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, history: pd.DataFrame) -> Settings:
    """Settings with a store that `leadworth train` has filled."""
    url = (
        str(request.getfixturevalue("migrated_postgres"))
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/s.db"
    )
    return filled(settings_in(tmp_path, store=url), history)


def filled(settings: Settings, history: pd.DataFrame) -> Settings:
    columns = {name: name for name in make_leads(1) if name not in ("lead_id", "submitted_at") and "." not in name}
    source = settings.leads.model_copy(update={"submitted_at": "submitted_at", "columns": {**columns, "ip": "ip"}})
    fill_store(history, settings)
    return settings.model_copy(update={"leads": source})


@pytest.fixture
def serve(tmp_path: Path, bundle: Bundle) -> Iterator[Callable[[Settings], TestClient]]:
    """Return a function that starts one more worker."""
    folder = tmp_path / "bundles"
    bundle.save(folder / "1")
    (folder / "1" / "registered.json").write_text('{"model": "leadworth", "version": "1"}')
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(client_of(settings, FolderRegistry(folder)))


def from_file(settings: Settings, bundle: Bundle, leads: pd.DataFrame, folder: Path) -> pd.DataFrame:
    path = folder / "leads.parquet"
    leads.rename(columns=lambda name: name.removeprefix("extras.")).sample(frac=1, random_state=1).to_parquet(path)
    result = score_partitioned(ScoreJob(path, bundle, settings, AS_OF, at_submit=True), folder / "scores.parquet")
    assert result.warnings == ()
    return pd.read_parquet(folder / "scores.parquet").set_index("lead_id").loc[leads["lead_id"], NUMBERS]


def over_http(clients: list[TestClient], leads: pd.DataFrame) -> pd.DataFrame:
    """Score leads in order of time, by the workers in turn."""
    scores = {}
    for client, (_, row) in zip(cycle(clients), leads.sort_values("submitted_at").iterrows(), strict=False):
        response = client.post("/v1/scores", json=lead_of(row).model_dump(mode="json", exclude_none=True))
        assert response.status_code == 200, response.text
        scores[row["lead_id"]] = {name: response.json()[name] for name in NUMBERS}
    return pd.DataFrame.from_dict(scores, orient="index").loc[leads["lead_id"]]


def check(scores: pd.DataFrame, expected: pd.DataFrame) -> None:
    np.testing.assert_allclose(scores.to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-9)


def test_file_then_http_then_file(
    settings: Settings,
    bundle: Bundle,
    serve: Callable[[Settings], TestClient],
    leads: pd.DataFrame,
    expected: pd.DataFrame,
    tmp_path: Path,
) -> None:
    check(from_file(settings, bundle, leads, tmp_path), expected)
    check(over_http([serve(settings)], leads), expected)
    check(from_file(settings, bundle, leads, tmp_path), expected)


def test_cold_then_warm_then_restarted_then_two_workers(
    settings: Settings, serve: Callable[[Settings], TestClient], leads: pd.DataFrame, expected: pd.DataFrame
) -> None:
    first = serve(settings)
    check(over_http([first], leads), expected)
    check(over_http([first], leads.iloc[::-1]).loc[leads["lead_id"]], expected)
    check(over_http([first, serve(settings)], leads), expected)


def test_two_workers_from_the_first_lead(
    settings: Settings, serve: Callable[[Settings], TestClient], leads: pd.DataFrame, expected: pd.DataFrame
) -> None:
    check(over_http([serve(settings), serve(settings)], leads), expected)


def test_two_workers_with_redis(
    tmp_path: Path,
    history: pd.DataFrame,
    bundle: Bundle,
    serve: Callable[[Settings], TestClient],
    leads: pd.DataFrame,
    expected: pd.DataFrame,
    redis_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_velocity.RedisVelocityStore.__init__, "__defaults__", (redis_prefix,))
    settings = filled(settings_in(tmp_path, store=f"sqlite:///{tmp_path}/s.db", redis=URL), history)
    check(over_http([serve(settings), serve(settings)], leads), expected)
    check(from_file(settings, bundle, leads, tmp_path), expected)


def test_a_batch_is_counted_in_order_of_time(
    settings: Settings, serve: Callable[[Settings], TestClient], leads: pd.DataFrame, expected: pd.DataFrame
) -> None:
    shuffled = leads.sample(frac=1, random_state=2)
    bodies = [lead_of(row).model_dump(mode="json", exclude_none=True) for _, row in shuffled.iterrows()]
    results = serve(settings).post("/v1/scores/batch", json={"leads": bodies}).json()["results"]
    assert [result["score"]["lead_id"] for result in results] == shuffled["lead_id"].tolist()
    scores = pd.DataFrame([result["score"] for result in results]).set_index("lead_id").loc[leads["lead_id"], NUMBERS]
    check(scores, expected)


def test_a_dry_run_writes_nothing(settings: Settings, bundle: Bundle, leads: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    leads.to_parquet(path)
    with open_store(settings) as engine, engine.connect() as connection:
        before = len(velocity_events.after(connection, 0))
        assert ScoreJob(path, bundle, settings, AS_OF).count(write=False).counts is not None
        assert len(velocity_events.after(connection, 0)) == before
