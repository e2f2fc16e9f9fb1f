"""Written forms of consent platforms, CRMs and languages: no event leaves without a record that grants it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversions.sandbox.peer_servers import Sandbox
from leadworth.consent import not_understood, read_consent
from leadworth.consent_words import DENIED, GRANTED, UNSPECIFIED
from store import consents
from tests.conversions.export_setup import ExportSetup, export_at, lead

GRANTING = (
    *(
        "granted",
        "GRANTED",
        "CONSENT_GRANTED",
        "yes",
        "on",
        "checked",
        "✓",
        "Opt-In",
        "OptIn",
        "Opted in",
        "Double Opt-In",
    ),
    *(
        "ACTIVE",
        "Accept all",
        "ACCEPT_ALL",
        "Allow all",
        "enabled",
        "Freely given consent from contact",
        "I agree",
        "Ja",
    ),
    *(
        "Einwilligung erteilt",
        "Alle akzeptieren",
        "Oui",
        "Tout accepter",
        "Sì",
        "Acconsento",
        "Accetta tutti",
        "Sí",
        "Acepto",
    ),
    *(
        "Sim",
        "Aceito",
        "Akkoord",
        "Wyrażam zgodę",
        "Tak",
        "Ano",
        "Souhlasím",
        "Igen",
        "Da",
        "Evet",
        "Ναι",
        "Да",
        "Согласен",
    ),
    *(
        "はい",
        "同意する",
        "네",
        "동의",
        "是",
        "同意",
        "نعم",
        "כן",
        "हाँ",
        "có",
        "ya",
        "ใช่",
        "ยินยอม",
        "taip",
        "jā",
        "jah",
    ),
)
REFUSING = (
    *(
        "denied",
        "DENIED",
        "CONSENT_DENIED",
        "no",
        "off",
        "unchecked",
        "☐",
        "Opt-Out",
        "OptOut",
        "Opted out",
        "hard opt-out",
    ),
    *(
        "INACTIVE",
        "NO_CONSENT",
        "NotGiven",
        "WITHDRAWN",
        "EXPIRED",
        "PENDING",
        "OptInPending",
        "Seen",
        "Not Seen",
        "NotSeen",
    ),
    *(
        "Deny all",
        "Reject all",
        "REJECT_ALL",
        "Necessary only",
        "Strictly necessary",
        "Always Active",
        "implied",
        "disabled",
    ),
    *("Legitimate interest – existing customer", "Legitimate interest – prospect/lead", "Legitimate interest - other"),
    *(
        "Performance of a contract",
        "Not applicable",
        "Nein",
        "Abgelehnt",
        "Nur notwendige",
        "Widerrufen",
        "Non",
        "Tout refuser",
    ),
    *(
        "Continuer sans accepter",
        "Refusé",
        "Rifiuta tutti",
        "Negato",
        "Rechazado",
        "Rechazar todo",
        "Não",
        "Recusado",
        "Nee",
    ),
    *(
        "Geweigerd",
        "Nie",
        "Odmowa",
        "Ne",
        "Nesouhlasím",
        "Nem",
        "Nu",
        "Hayır",
        "Reddedildi",
        "Όχι",
        "Нет",
        "Отказ",
        "いいえ",
    ),
    *(
        "同意しない",
        "拒否",
        "아니오",
        "미동의",
        "거부",
        "否",
        "不同意",
        "拒绝",
        "لا",
        "לא",
        "नहीं",
        "không",
        "tidak",
        "ไม่",
    ),
)
NOT_UNDERSTOOD = (
    # OneTrust, Cookiebot, Usercentrics, Didomi, TCF and Google's own codes: they answer several questions at once
    *("C0001:1,C0002:0,C0003:0,C0004:0", ",C0001,C0002,", "C0004:1", "groups=C0001%3A1%2CC0004%3A0"),
    *("{necessary:true,preferences:false,statistics:false,marketing:false}", "{marketing:true}", "marketing"),
    '{"purposes":{"enabled":[],"disabled":["advertising_personalization"]}}',
    *(
        "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA",
        "CQABAAAQABAAAAcABBENDgCgAAAAAH_AAAAAAAAAAAAA",
        "1YNN",
        "1YYN",
        "DBABMA~BAA",
    ),
    *("G100", "G101", "G110", "G111", "13l3l3l3l1l1", "13p3p3p5p5l1"),
    *('{"ad_user_data":"denied"}', "ad_user_data=denied", "status: false", "true,false", "granted,denied", "yes/no"),
    *(
        "not yes",
        "no yes",
        "yes?",
        "maybe",
        "ask me later",
        "later",
        "tbd",
        "2",
        "-1",
        "x",
        "?",
        "n/a",
        "#N/A",
        "[object Object]",
    ),
    *("I do not want ads", "I agree to the privacy policy", "I agree to receive the newsletter", "Yes, but no e-mail"),
    *(
        "Ich möchte keine Werbung",
        "Ich habe die Datenschutzerklärung gelesen",
        "J'ai lu la politique",
        "Ho letto l'informativa",
    ),
    *(
        "He leído la política",
        "개인정보 수집 동의함 아님",
        "プライバシーポリシーを読みました",
        "не сейчас",
        "belki",
        "möglicherweise",
    ),
    *(
        "grantedd",
        "g ranted",
        "ungranted",
        "un-opted in",
        "unsubscribed from none",
        "nyes",
        "yesno",
        "oui/non",
        "janein",
    ),
    *(
        "granted until 2025-01-01",
        "granted 2024-02-03 but revoked",
        "true (revoked)",
        "1;0",
        "1,0",
        "01",
        "00",
        "1.5",
        "TRUE FALSE",
    ),
    *(
        "consent_v2",
        "consent text 3",
        "phone only",
        "email only",
        "sms",
        "e-mail",
        "all but ads",
        "everything except marketing",
    ),
)
MISSING = (
    "",
    "  ",
    "UNSPECIFIED",
    "CONSENT_STATUS_UNSPECIFIED",
    "Consent not specified",
)
WRITTEN = (*GRANTING, *REFUSING, *NOT_UNDERSTOOD, *MISSING)
NAMES = ("google", "meta", "linkedin", "microsoft", "tiktok", "ga4")


@pytest.fixture
def export(tmp_path: Path) -> Iterator[ExportSetup]:
    options = {"consent": {"assume_granted_in": ["US"]}}
    with export_at(f"sqlite:///{tmp_path / 'store.db'}", tmp_path, **options) as setup:
        yield setup


def test_words_are_read_as_they_are_meant() -> None:
    assert [word for word in GRANTING if read_consent(word) is not True] == []
    assert [word for word in (*REFUSING, *NOT_UNDERSTOOD) if read_consent(word) is not False] == []
    assert [word for word in (*GRANTING, *REFUSING, *MISSING) if not_understood(word)] == []
    assert [word for word in NOT_UNDERSTOOD if not not_understood(word)] == []


def test_no_event_leaves_without_a_record_that_grants_it(export: ExportSetup) -> None:
    assert len(set(WRITTEN)) > 200
    words = dict(enumerate(dict.fromkeys(WRITTEN)))
    leads = [
        lead(number, country=("DE", "US", None)[number % 3], consent_ad_user_data=word, consent_ad_personalization=word)
        for number, word in words.items()
    ]
    export.add(*leads, to=NAMES)
    export.make_due()
    export.send_all()
    sent = [row for row in export.rows() if row["state"] == "accepted"]
    with export.engine.connect() as connection:
        records = consents.records_of_leads(connection, [new.lead_id or "" for new in leads])
    granting = {f"L{number}" for number, word in words.items() if word in GRANTING}
    for row in sent:
        entry = json.loads(row["consent"])["ad_user_data"]
        if row["lead_id"] not in granting:  # only where nobody answered, and the settings assume it for the country
            number = int(row["lead_id"][1:])
            assert (words[number] in MISSING, entry) == (True, {"assumed_in": "US"}), words[number]
            continue
        assert entry["granted"] is True
        assert entry["consent_id"] == records[row["lead_id"]]["ad_user_data"].consent_id
    assert {(row["lead_id"], row["destination"]) for row in sent} >= {(name, to) for name in granting for to in NAMES}


def test_every_word_of_the_vocabulary_has_one_meaning_in_any_spelling() -> None:
    for words, meaning in ((GRANTED, True), (DENIED, False), (UNSPECIFIED, None)):
        for word in words:
            for spelled in (word, f" {word} ", word.replace(" ", "_"), word.replace(" ", "-")):
                assert read_consent(spelled) is meaning, spelled
    assert Sandbox().peers.keys() >= set(NAMES)
