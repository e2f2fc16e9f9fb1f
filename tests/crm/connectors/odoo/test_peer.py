"""Shapes and limits of the local peer."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from crm.connectors.odoo.odoo_account import OdooAccount
from crm.connectors.odoo.odoo_values import LEAD
from crm.connectors.odoo.peer import DATABASE, KEY, LOGIN, OdooPeer, peer
from crm.sandbox.peer_account import PeerAccount
from leadworth.peer_server import serve_peer


def _post(address: str, path: str, body: Any, **headers: str) -> httpx2.Response:
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return httpx2.post(f"{address}/{path}", content=json.dumps(body), headers=headers)


def test_json2_takes_named_arguments_and_answers_with_the_bare_value() -> None:
    made = peer()
    lead = made.account.create(LEAD, {"email_from": "a@example.org"})
    with serve_peer(made) as address:
        bearer = {"Authorization": f"bearer {KEY}", "X_Odoo_Database": DATABASE}
        body: dict[str, Any] = {"domain": [], "fields": ["email_from", "website"]}
        answer = _post(address, "json/2/crm.lead/search_read", body, **bearer)
        assert answer.json() == [{"id": int(lead), "email_from": "a@example.org", "website": False}]
        cases = [
            (401, "Unauthorized", "crm.lead/search", {"domain": []}, {"Authorization": "bearer other"}),
            (401, "Unauthorized", "crm.lead/search", {"domain": []}, {}),
            (404, "NotFound", "crm.nothing/search", {"domain": []}, bearer),
            (404, "NotFound", "crm.lead/nothing", {}, bearer),
            (404, "NotFound", "crm.lead/search", {"domain": []}, {**bearer, "X_Odoo_Database": "other"}),
            (422, "UnprocessableEntity", "crm.lead/search", {"ids": [1], "domain": []}, bearer),
            (422, "UnprocessableEntity", "crm.lead/search", {"wrong": 1}, bearer),
            (404, "MissingError", "crm.lead/write", {"ids": [1], "vals": {"name": "x"}}, bearer),
            (500, "ValueError", "crm.lead/search", {"domain": [["nothing", "=", 1]]}, bearer),
            (500, "ValueError", "crm.lead/search_read", {"fields": ["nothing"]}, bearer),
        ]
        for status, name, path, document, headers in cases:
            refused = _post(address, f"json/2/{path}", document, **headers)
            assert (refused.status_code, refused.json()["name"].rpartition(".")[2]) == (status, name), path
            assert set(refused.json()) == {"name", "message", "arguments", "context", "debug"}


def test_json_rpc_answers_errors_with_the_status_200() -> None:
    made = OdooPeer(OdooAccount(), 17)
    with serve_peer(made) as address:

        def call(service: str, method: str, *arguments: Any) -> dict[str, Any]:
            params = {"service": service, "method": method, "args": list(arguments)}
            answer = _post(address, "jsonrpc", {"jsonrpc": "2.0", "method": "call", "id": 5, "params": params})
            assert answer.status_code == 200
            content: dict[str, Any] = answer.json()
            return content

        assert call("common", "version")["result"]["server_version"] == "17.0"
        assert call("common", "authenticate", DATABASE, LOGIN, "wrong", {})["result"] is False
        user = call("common", "authenticate", DATABASE, LOGIN, KEY, {})["result"]
        assert call("object", "execute_kw", DATABASE, user, KEY, LEAD, "search", [[]], {})["result"] == []
        refused = call("object", "execute_kw", DATABASE, user, "wrong", LEAD, "search", [[]], {})["error"]
        assert (refused["code"], refused["data"]["name"]) == (200, "odoo.exceptions.AccessDenied")
        assert _post(address, "json/2/crm.lead/search", {"domain": []}).status_code == 404
        assert httpx2.get(f"{address}/web/version").status_code == 404


def test_archived_records_are_hidden_without_active_test() -> None:
    made = peer()
    lead = int(made.account.create(LEAD, {"outcome_stage": "lost"}))
    methods = made.methods
    assert methods.call(LEAD, "search", (), {}, {"domain": []}) == []
    assert methods.call(LEAD, "search", (), {"active_test": False}, {"domain": []}) == [lead]
    made.methods.call("ir.model.fields", "create", (), {}, {"vals_list": [_manual("x_band")]})
    refused = methods.call(LEAD, "load", (), {}, {"fields": [".id", "x_band"], "data": [[str(lead), "A"]]})
    assert (refused["ids"], refused["messages"][0]["field"]) == (False, ".id")


def test_an_import_reads_times_in_the_zone_of_the_user_and_changes_all_rows_or_none() -> None:
    made = peer()
    leads = [made.account.create(LEAD, {}) for _ in range(2)]
    made.methods.call("ir.model.fields", "create", (), {}, {"vals_list": [_manual("x_at", ttype="datetime")]})
    data = [[leads[0], "2026-07-01 10:00:00"], [leads[1], "soon"]]
    answer = made.methods.call(LEAD, "load", (), {}, {"fields": [".id", "x_at"], "data": data})
    assert (answer["ids"], [item["record"] for item in answer["messages"]]) == (False, [1])
    assert "x_at" not in made.account.of(LEAD)[leads[0]].values
    made.methods.call(LEAD, "load", (), {}, {"fields": [".id", "x_at"], "data": data[:1]})
    assert made.account.of(LEAD)[leads[0]].values["x_at"] == "2026-07-01T08:00:00+00:00"


def test_write_dates_are_whole_seconds_in_answers_and_finer_in_the_database() -> None:
    made = peer()
    at = made.account.clock.now().replace(microsecond=700_000)
    made.account.clock.advance(seconds=2)
    made.account.create(LEAD, {}, at=at)
    [row] = made.methods.call(LEAD, "search_read", (), {}, {"domain": [], "fields": ["write_date"]})
    assert row["write_date"] == f"{at:%Y-%m-%d %H:%M:%S}"
    for operator, count in (("=", 0), (">", 1), (">=", 1), ("<=", 0)):
        domain = [["write_date", operator, row["write_date"]]]
        assert made.methods.call(LEAD, "search_count", (), {}, {"domain": domain}) == count


def test_a_merge_deletes_and_moves_the_messages() -> None:
    made = peer()
    kept, lost = made.account.create(LEAD, {"name": "Kept"}), made.account.create(LEAD, {"name": "Lost"})
    made.account.merge(LEAD, kept, lost)
    assert made.methods.call(LEAD, "search", (), {}, {"domain": [["id", "=", int(lost)]]}) == []
    fields = ["subject", "res_id", "message_id"]
    rows = made.methods.call(
        "mail.message", "search_read", (), {}, {"domain": [["res_id", "=", int(kept)]], "fields": fields}
    )
    moved = [row for row in rows if f"-odoo-{lost}-crm.lead@" in row["message_id"]]
    assert [row["subject"] for row in moved] == ["From Lost"]


def test_only_administrators_read_the_tracking() -> None:
    made = peer()
    lead = made.account.create(LEAD, {})
    made.account.edit(LEAD, lead, {"stage_id": 2})
    assert made.methods.call("mail.tracking.value", "search_count", (), {}, {"domain": []}) == 1
    made.methods.is_administrator = False
    for model, domain in (("mail.tracking.value", []), ("mail.message", [["tracking_value_ids", "!=", False]])):
        with pytest.raises(Exception, match="not allowed"):
            made.methods.call(model, "search", (), {}, {"domain": domain})


def test_a_deleted_record_does_not_come_back() -> None:
    made = peer()
    lead = made.account.create(LEAD, {})
    made.account.delete(LEAD, lead)
    made.account.restore(LEAD, lead)
    assert made.methods.call(LEAD, "search", (), {}, {"domain": []}) == []


def test_another_kind_of_account_is_refused() -> None:
    with pytest.raises(AssertionError, match="OdooAccount"):
        peer(PeerAccount())


def _manual(name: str, ttype: str = "char") -> dict[str, Any]:
    return {"name": name, "ttype": ttype, "state": "manual", "field_description": name, "model_id": 1}
