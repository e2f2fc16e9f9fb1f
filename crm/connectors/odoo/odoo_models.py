"""Models of the local Odoo peer: their fields and Odoo's types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.connectors.odoo.odoo_values import LEAD

BASE = {"create_date": "datetime", "write_date": "datetime", "create_uid": "res.users", "write_uid": "res.users"}


@dataclass(frozen=True)
class OdooField:
    """Field of a model.

    Attributes
    ----------
    kind
        Odoo's type.
    relation
        Model that a reference refers to.
    stored
        Whether it is a column; else it is computed when read.
    size
        Most characters; 0: no limit.
    """

    kind: str
    relation: str = ""
    stored: bool = True
    label: str = ""
    selection: tuple[tuple[str, str], ...] = field(default=())
    size: int = 0


def _model(computed: tuple[str, ...] = (), **kinds: str) -> dict[str, OdooField]:
    """Return fields: a kind with a dot is the model of a reference."""
    fields = {"id": OdooField("integer", label="ID")}
    for name, kind in {**kinds, **BASE}.items():
        is_reference = "." in kind
        label = name.removesuffix("_id").replace("_", " ").capitalize()
        fields[name] = OdooField(
            "many2one" if is_reference else kind, kind if is_reference else "", name not in computed, label
        )
    return fields


def models(version: int) -> dict[str, dict[str, OdooField]]:
    """Return the models of a version of Odoo, for a database with CRM and mail."""
    tracked = "field_id" if version >= 17 else "field"
    amounts = ("float",) if version >= 17 else ("float", "monetary")
    values = {f"{age}_value_{kind}": kind for age in ("old", "new") for kind in ("integer", *amounts)}
    return {
        LEAD: _model(("is_blacklisted", "company_currency"), **LEAD_KINDS),
        "res.partner": _model(
            name="char", website="char", email="char", phone="char", vat="char", country_id="res.country", city="char",
            zip="char", is_company="boolean", parent_id="res.partner", commercial_partner_id="res.partner",
            user_id="res.users", active="boolean",
        ),
        "mail.message": _model(
            ("tracking_value_ids",),
            model="char", res_id="many2one_reference", date="datetime", message_type="selection", subject="char",
            author_id="res.partner", message_id="char", mail_activity_type_id="mail.activity.type",
            tracking_value_ids="one2many",
        ),
        "mail.tracking.value": _model(**{"mail_message_id": "mail.message", tracked: "ir.model.fields", **values}),
        "mail.blacklist": _model(email="char", active="boolean"),
        "mail.activity.type": _model(name="char"),
        "calendar.event": _model(
            name="char", start="datetime", stop="datetime", opportunity_id="crm.lead", user_id="res.users",
            active="boolean",
        ),
        "crm.stage": _model(name="char", sequence="integer", is_won="boolean"),
        "crm.lost.reason": _model(name="char", active="boolean"),
        "crm.team": _model(name="char", active="boolean"),
        "utm.source": _model(name="char"),
        "utm.medium": _model(name="char", active="boolean"),
        "utm.campaign": _model(name="char", title="char", active="boolean"),
        "res.country": _model(name="char"),
        "res.company": _model(name="char", active="boolean"),
        "res.currency": _model(name="char", active="boolean"),
        "res.users": _model(name="char", login="char", active="boolean", share="boolean"),
        "res.users.apikeys": _model(name="char", user_id="res.users", expiration_date="datetime"),
        "ir.model": _model(model="char", name="char"),
        "ir.model.fields": _model(model="char", name="char"),
    }  # fmt: skip


LEAD_KINDS: Mapping[str, str] = {
    "name": "char", "type": "selection", "active": "boolean", "contact_name": "char", "partner_name": "char",
    "email_from": "char", "email_normalized": "char", "phone": "char", "phone_sanitized": "char", "website": "char",
    "function": "char", "city": "char", "zip": "char", "country_id": "res.country", "description": "html",
    "referred": "char", "source_id": "utm.source", "medium_id": "utm.medium", "campaign_id": "utm.campaign",
    "partner_id": "res.partner", "user_id": "res.users", "team_id": "crm.team", "company_id": "res.company",
    "stage_id": "crm.stage", "probability": "float", "automated_probability": "float", "priority": "selection",
    "tag_ids": "many2many", "lost_reason_id": "crm.lost.reason", "expected_revenue": "monetary",
    "company_currency": "res.currency", "date_open": "datetime", "date_closed": "datetime",
    "date_conversion": "datetime", "date_deadline": "date", "date_last_stage_update": "datetime",
    "is_blacklisted": "boolean",
}  # fmt: skip
