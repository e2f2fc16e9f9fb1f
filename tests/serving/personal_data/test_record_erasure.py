"""A person whom the CRM erased for privacy goes from the mirror, the decisions and the scores to write."""

from __future__ import annotations

from sqlalchemy import insert, select

from crm.mirror_sync import crm_cipher
from store import decision_log
from store.crm_mirror import CrmMirror
from store.mirror_schema import crm_scores
from store.schema import audit_entries, decisions, erasures, person_index
from tests.serving.rescoring.conftest import crm  # noqa: F401 - a fixture
from tests.serving.rescoring.watched import Watched, export_of
from tests.store.rows import decision_row


def test_a_person_whom_the_crm_erased_is_erased_here(crm: Watched) -> None:  # noqa: F811
    ada, bob = crm.leads(2)
    crm.settle()
    engine, cipher = crm.business.engine, export_of(crm.business).cipher
    entry = {"entry_id": "e", "lead_id": "form-7", "phone": None, "velocity_person": 1, "velocity_at": 2}
    email = cipher.pseudonym(str(crm.mirrored("contacts", ada).values["email"]))
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row("form-7"), decision_row("form-8")])
        connection.execute(insert(person_index), [{**entry, "email": email}])
    crm.business.peer.batches.erase("contacts", {"objectId": ada})
    crm.deliver()
    assert crm.work().erased == 1
    assert crm.mirrored("contacts", ada).values == {}
    assert crm.mirrored("contacts", bob).values["email"]
    with engine.connect() as connection:
        mirror = CrmMirror(connection, "hubspot", crm_cipher(crm.business.settings))
        assert mirror.erased_ids("contacts", [ada, bob]) == {ada}
        scored = set(connection.execute(select(crm_scores.c.record_id)).scalars())
        assert (ada in scored, bob in scored) == (False, True)
        assert connection.execute(select(decisions.c.lead_id)).scalars().all() == ["form-8"]
        digests = set(connection.execute(select(erasures.c.digest)).scalars())
        assert {email, cipher.lead_digest(ada), cipher.lead_digest("form-7")} <= digests
        assert "person.erase" in connection.execute(select(audit_entries.c.action)).scalars().all()
    crm.work()
    assert (crm.waiting(), crm.written()) == ({}, [])
