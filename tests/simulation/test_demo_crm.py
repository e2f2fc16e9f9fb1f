from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from crm.connectors.hubspot.peer import HubSpotPeer
from crm.sandbox.crm_sandbox import serve_sandbox
from crm.sandbox.peer_account import PeerAccount
from simulation.demo_crm import contact_panel, scored_contacts
from simulation.demo_processes import local_peers


def test_scored_contacts_are_found_on_all_pages() -> None:
    peer = HubSpotPeer(PeerAccount())
    for number in range(150):
        scores = {"lw_scored_at": "2026-11-01T00:00:00+00:00", "lw_band": "A"} if number in (3, 140) else {}
        peer.account.create("contacts", {"email": f"p{number}@example.org", **scores})
    with serve_sandbox([peer]) as variables:
        assert [item["email"] for item in scored_contacts(variables)] == ["p3@example.org", "p140@example.org"]


def test_a_contact_is_shown_with_its_filled_fields() -> None:
    console = Console(width=100, file=io.StringIO())
    console.print(contact_panel({"email": "p@example.org", "company": None, "lw_band": "B"}, "1 written"))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "p@example.org" in text
    assert "lw_band" in text
    assert "lw_verdict" not in text
    assert "1 written" in text


def test_the_sandbox_of_the_crm_starts_with_leads(tmp_path: Path) -> None:
    with local_peers(tmp_path, "crm", "hubspot", "--leads", "50") as variables:
        assert variables()["LEADWORTH_CRM__HUBSPOT__TOKEN"]
    assert "Filling HubSpot" in (tmp_path / "crm-sandbox.log").read_text()
