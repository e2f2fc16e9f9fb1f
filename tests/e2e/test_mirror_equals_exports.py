"""Training from the mirror of a CRM equals training from the exports of the same CRM: labels, and every byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from crm.connectors.hubspot.hubspot_peer_pipelines import deal_pipeline
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.crm_connection import open_connector
from crm.lead_history import LeadHistory, read_history
from crm.mirror_sync import MirrorSync
from crm.sandbox.peer_account import PeerAccount
from features.domains import host_of
from leadworth.peer_server import serve_peer
from leadworth.settings import Settings
from models.account_outcomes import with_decision_units
from models.bundle import Bundle
from simulation import simulate
from simulation.crm_accounts import SeededAccount, fill_account
from simulation.csv_columns import FILE_COLUMNS
from simulation.noise import TOKENS_OF_FILE
from simulation.sales_process import CONTACTED, JUNK, LOST, MEETING, PROPOSAL, STAGES, WON
from simulation.world import Simulation
from store.engine import open_engine, store_url
from store.migrate import upgrade
from training.pipeline import TrainingResult
from training.pipeline import train as train_on

pytestmark = pytest.mark.slow

PLACES = {CONTACTED: 0, MEETING: 1, PROPOSAL: 2}
STATUS, SALES_JUNK = HubSpotPeer.junk_status


@dataclass
class Trained:
    """A history and what was learned from it."""

    history: LeadHistory
    training: TrainingResult


def labels_of_stages() -> dict[str, str]:
    """Return stage of the simulation -> label of the stage in HubSpot."""
    labels = {stage["id"]: stage["label"] for stage in deal_pipeline()["stages"]}
    names = {STAGES[place]: labels[HubSpotPeer.open_stages[at]] for place, at in PLACES.items()}
    return names | {STAGES[WON]: labels[HubSpotPeer.won_stage], STAGES[LOST]: labels[HubSpotPeer.lost_stage]}


def write_exports(simulation: Simulation, seeded: SeededAccount, folder: Path) -> None:
    """Write contacts.csv and deals.csv as HubSpot exports them: present values, and one row for each stage of a deal.

    The account's own status of junk is among the values of the contact; HubSpot does not say that it ends the lead.
    """
    leads, stages = simulation.leads, simulation.stages
    fields = {FILE_COLUMNS[name]: there for name, there in seeded.columns.items()} | seeded.extras
    contacts = leads.rename(columns=fields)[list(fields.values())]
    junk = set(stages.loc[stages["stage"] == STAGES[JUNK], "lead_id"])
    companies = [
        seeded.companies.get((host_of(text) if isinstance(text, str) else None) or "") for text in leads["Website"]
    ]
    contacts = contacts.assign(
        **{
            "Record ID": leads["Lead ID"].map(seeded.leads),
            "Create Date": leads["Created"].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "Primary Company": companies,
            STATUS: leads["Lead ID"].map(lambda key: SALES_JUNK if key in junk else None),
        }
    )
    contacts.sort_values("Record ID").to_csv(folder / "contacts.csv", index=False)
    names = labels_of_stages()
    rows = stages[stages["stage"].isin(names) & stages["lead_id"].isin(seeded.deals)]
    pd.DataFrame(
        {
            "Deal ID": rows["lead_id"].map(seeded.deals),
            "Contact ID": rows["lead_id"].map(seeded.leads),
            "Deal Stage": rows["stage"].map(names),
            "Reached": rows["stage_at"].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "Amount": rows["amount"],
        }
    ).to_csv(folder / "deals.csv", index=False)


def common(simulation: Simulation, seeded: SeededAccount, folder: Path) -> dict[str, object]:
    """Return the settings that both sources share."""
    extras = simulation.extras
    return {
        "currency": simulation.parameters.world.currency,
        "horizon_days": simulation.parameters.world.horizon_days,
        "secret": "s" * 32,
        "folder": folder,
        "training": {"as_of": simulation.end},
        "features": {
            kind: [seeded.extras[name] for name in getattr(extras, kind)] for kind in ("numeric", "categorical", "text")
        },
        "junk": {"column": STATUS, "values": [SALES_JUNK]},
        "engaged": {
            "column": "stage",
            "values": [labels_of_stages()[STAGES[place]] for place in (MEETING, PROPOSAL, WON)],
        },
    }


def settings_of(
    base: dict[str, object], leads: dict[str, object], outcomes: dict[str, object], **more: object
) -> Settings:
    """Return settings with the shared part."""
    parts = dict(base)
    features, junk, engaged = parts.pop("features"), parts.pop("junk"), dict(parts.pop("engaged"))  # type: ignore[call-overload]
    engaged["column"] = outcomes["stage"]
    source = {**leads, "features": features, "missing": list(TOKENS_OF_FILE)}
    return Settings(leads=source, outcomes={**outcomes, "junk": junk, "engaged": engaged}, **parts, **more)  # type: ignore[arg-type]


def trained(settings: Settings) -> Trained:
    """Train without registering."""
    history = with_decision_units(read_history(settings))
    return Trained(history, train_on(settings, history, as_of=settings.training.as_of, progress=lambda _: None))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Trained]:
    """Train from the mirror of a HubSpot account, and from its exports."""
    folder = tmp_path_factory.mktemp("business")
    simulation = simulate(leads=2_500, months=18, seed=5)
    peer = HubSpotPeer(PeerAccount())
    peer.lift_limits()
    seeded = fill_account(peer, simulation)
    write_exports(simulation, seeded, folder)
    base = common(simulation, seeded, folder)
    with serve_peer(peer) as address:
        section = {**peer.settings(address), "fields": [*seeded.columns.values(), *seeded.extras.values()]}
        names = ("lead_id", "deal_id", "stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency")
        mirror = settings_of(
            base,
            {
                "path": "crm:hubspot",
                "id": "lead_id",
                "submitted_at": "created_at",
                "account": "account",
                "columns": seeded.columns,
            },
            {"path": "crm:hubspot", **{name: name for name in names}},
            crm={"hubspot": section},
        )
        engine = open_engine(store_url(mirror))
        upgrade(engine)
        with open_connector(mirror, "hubspot") as connector:
            MirrorSync(engine, connector, mirror).run()
        engine.dispose()
    labels = labels_of_stages()
    files = settings_of(
        base,
        {
            "path": "contacts.csv",
            "id": "Record ID",
            "submitted_at": "Create Date",
            "account": "Primary Company",
            "columns": seeded.columns,
        },
        {
            "path": "deals.csv",
            "lead_id": "Contact ID",
            "deal_id": "Deal ID",
            "stage": "Deal Stage",
            "stage_at": "Reached",
            "won_stages": [labels[STAGES[WON]]],
            "lost_stages": [labels[STAGES[LOST]]],
            "revenue": "Amount",
        },
    )
    return trained(mirror), trained(files)


def test_the_leads_are_the_same(both: tuple[Trained, Trained]) -> None:
    mirror, files = both
    pd.testing.assert_frame_equal(mirror.history.leads, files.history.leads)
    assert mirror.history.extras == files.history.extras


def test_the_outcomes_are_the_same(both: tuple[Trained, Trained]) -> None:
    mirror, files = (part.history.outcomes.set_index("lead_id").sort_index() for part in both)
    assert mirror["won"].sum() > 30
    pd.testing.assert_frame_equal(mirror, files)


def test_the_labels_are_the_same(both: tuple[Trained, Trained]) -> None:
    mirror, files = (part.training.known.labels for part in both)
    assert (mirror["disposition"] == "junk").sum() > 20
    pd.testing.assert_frame_equal(mirror, files)


def test_the_bundle_is_the_same(both: tuple[Trained, Trained]) -> None:
    mirror, files = (part.training.bundle for part in both)
    # The mirror has columns that say won and lost, the files have stages: only what is noted of such columns differs.
    meta = mirror.meta.model_copy(update={"checkboxes": files.meta.checkboxes})
    assert Bundle(mirror.spec, mirror.value_model, mirror.policy, meta, mirror.reference).id == files.id
