"""Replay of stored decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from models.bundle import Bundle
from serving import replay_command
from store.decision_log import replayable
from tests.serving.running import FolderRegistry, client_of, settings_in


def test_every_decision_is_computed_again_bit_by_bit(
    stored: tuple[TestClient, Any], bundles: Path, tmp_path: Path
) -> None:
    _, settings = stored
    models = replay_command.Models(settings, bundles / "1", tmp_path)
    found = list(replay_command.replayed(settings, models, None, None, None))
    assert [one.state for one in found] == [replay_command.SAME] * 40
    assert len(list(replay_command.replayed(settings, models, None, None, 7))) == 7
    one = found[0].decision_id
    assert [again.decision_id for again in replay_command.replayed(settings, models, one, None, None)] == [one]


def test_changed_and_old_rows_are_found(stored: tuple[TestClient, Any], bundles: Path) -> None:
    client, _ = stored
    with client.app.state.store.engine.connect() as connection:
        [row] = replayable(connection, decision=None, lead=None, last=1)
    bundle = Bundle.load(bundles / "1")
    assert replay_command.again(row, bundle).state == replay_command.SAME
    for name in ("win_probability", "predicted_value", "junk_log_odds"):  # added up in another order
        assert replay_command.again(row | {name: row[name] * (1.0 + 4e-16)}, bundle).state == replay_command.SAME
    reworded = {"reasons": row["reasons"].replace("Baseline", "Where every lead starts")}
    assert reworded["reasons"] != row["reasons"]
    assert replay_command.again(row | reworded, bundle).state == replay_command.SAME
    for name, value in (("predicted_value", row["predicted_value"] + 1e-9), ("reasons", "[]"), ("verdict", "nonsense")):
        changed = replay_command.again(row | {name: value}, bundle)
        assert (changed.state, changed.differing) == (replay_command.OTHER, (name,))
    assert replay_command.again(row | {"vector": None}, bundle).state == replay_command.OLD
    assert replay_command.again(row, None).state == replay_command.NO_MODEL


def test_rows_survive_the_spool(tmp_path: Path, registry: FolderRegistry, bundles: Path) -> None:
    """A decision that waited on the disk while the store was away is as whole as any other."""
    settings = settings_in(tmp_path, store=f"sqlite:///{tmp_path}/away/s.db")
    with client_of(settings, registry) as client:
        assert client.post("/v1/scores", json={"lead_id": "A", "company": "Acme"}).status_code == 200
        assert client.get("/readyz").status_code in {200, 503}
    (tmp_path / "away").mkdir()
    with client_of(settings, registry) as client:
        assert client.get("/v1/scores/A").status_code == 200
    models = replay_command.Models(settings, bundles / "1", tmp_path)
    assert [one.state for one in replay_command.replayed(settings, models, None, None, None)] == [replay_command.SAME]
