"""Vocabulary of consent in forms, CRMs and consent platforms, in several languages.

Compared without case, and with any separators as one space. `GRANTED` has unambiguous words only. `DENIED` has the
words that are not reported as not understood; any other word is not consent either.
"""

from __future__ import annotations

UNSPECIFIED = (
    "unspecified",
    "not specified",
    "consent unspecified",
    "consent status unspecified",
    "consent not specified",
)
"""Words of Google and HubSpot for consent that was not recorded."""

GRANTED = (
    *("1", "true", "t", "yes", "y", "on", "ok", "✓", "✔", "☑", "✅", "checked", "ticked", "selected", "enabled"),
    *("granted", "consent granted", "grant", "g", "given", "consent given", "has consent", "consented", "consent"),
    *("opt in", "optin", "opted in", "optedin", "opt in confirmed", "double opt in", "subscribed"),
    *("accept", "accepted", "accept all", "accepted all", "all accepted", "allow", "allowed", "allow all"),
    *("agree", "agreed", "i agree", "yes i agree", "i accept", "i consent", "permitted", "approved", "confirmed"),
    *("ja", "j", "wahr", "zugestimmt", "zustimmung erteilt", "einwilligung erteilt", "eingewilligt", "erteilt"),
    *("ich stimme zu", "akzeptiert", "einverstanden", "erlaubt"),
    *("si", "sì", "sí", "vero", "acconsento", "acconsentito", "consenso dato", "concesso", "accetto", "accettato"),
    *("verdadero", "acepto", "aceptado", "acepta", "consentido", "concedido", "de acuerdo", "autorizado"),
    *("oui", "vrai", "accepté", "accepte", "j'accepte", "d'accord", "consenti", "accordé", "autorisé"),
    *("sim", "verdadeiro", "aceito", "aceite", "concordo", "waar", "akkoord", "toegestaan", "geaccepteerd"),
    *("sant", "sand", "godkänd", "godkänt", "accepteret", "samtykket", "samtycker", "kyllä", "tosi", "hyväksytty"),
    *("tak", "prawda", "zgoda", "zgadzam się", "wyrażam zgodę", "ano", "souhlasím", "pravda", "áno", "súhlasím"),
    *("da", "adevărat", "sunt de acord", "de acord", "igen", "igaz", "elfogadom", "elfogadva", "hozzájárulok"),
    *("evet", "doğru", "kabul", "kabul ediyorum", "kabul edildi", "onaylıyorum", "ναι", "αποδοχή", "συμφωνώ"),
    *("да", "истина", "согласен", "согласна", "согласие", "согласие дано", "разрешено", "принято", "так", "згоден"),
    *("예", "네", "참", "동의", "동의함", "동의합니다", "수락", "허용", "승인"),
    *(
        "はい",
        "同意",
        "同意する",
        "同意します",
        "同意済み",
        "許可",
        "承諾",
        "是",
        "是的",
        "同意了",
        "接受",
        "允许",
        "允許",
    ),
    *("نعم", "أوافق", "موافق", "כן", "מסכים", "מסכימה", "מאשר", "हाँ", "हां", "सहमत", "có", "đồng ý", "ya", "setuju"),
)

DENIED = (
    *("0", "false", "f", "no", "n", "off", "none", "✗", "✘", "☐", "❌", "unchecked", "unticked", "disabled"),
    *("denied", "consent denied", "deny", "deny all", "d", "not granted", "not given", "no consent", "without consent"),
    *("opt out", "optout", "opted out", "optedout", "hard opt out", "unsubscribed", "do not track", "do not sell"),
    *("decline", "declined", "reject", "rejected", "reject all", "rejected all", "all rejected", "refuse", "refused"),
    *("withdrawn", "withdraw", "consent withdrawn", "revoked", "revoke", "consent revoked", "expired", "cancelled"),
    *("disagree", "disagreed", "i disagree", "i do not agree", "not accepted", "not allowed", "disallowed", "objected"),
    *("blocked", "forbidden", "pending", "unknown", "not asked", "not seen", "opt in pending", "necessary only"),
    *("nein", "falsch", "abgelehnt", "verweigert", "widerrufen", "widersprochen", "nicht erteilt", "nicht zugestimmt"),
    *("keine zustimmung", "keine einwilligung", "zurückgezogen", "ich stimme nicht zu"),
    *("falso", "non acconsento", "rifiuto", "rifiutato", "negato", "revocato", "ritirato", "non concesso"),
    *("rechazado", "rechazo", "denegado", "revocado", "retirado", "no acepto", "no consentido", "no autorizado"),
    *("non", "faux", "refusé", "refuse", "je refuse", "retiré", "révoqué", "non accordé", "non autorisé"),
    *("não", "nao", "recusado", "negado", "revogado", "nee", "onwaar", "geweigerd", "ingetrokken", "niet akkoord"),
    *("nej", "nei", "falskt", "falsk", "nekad", "afvist", "avslått", "ei", "epätosi", "hylätty"),
    *("nie", "fałsz", "odmowa", "brak zgody", "wycofana", "ne", "nesouhlasím", "nepravda", "nesúhlasím", "odmietnuté"),
    *("nu", "fals", "refuzat", "retras", "nem", "hamis", "elutasítva", "visszavonva"),
    *("hayır", "hayir", "yanlış", "reddedildi", "kabul etmiyorum", "onaylamıyorum", "όχι", "απόρριψη", "διαφωνώ"),
    *("нет", "ложь", "отказ", "отказано", "не согласен", "не согласна", "отозвано", "отозван", "запрещено", "ні"),
    *(
        "아니오",
        "아니요",
        "거짓",
        "거부",
        "거절",
        "미동의",
        "동의안함",
        "동의 안함",
        "동의하지 않음",
        "동의 철회",
        "철회",
    ),
    *("いいえ", "拒否", "同意しない", "同意しません", "未同意", "撤回", "否", "不同意", "拒绝", "拒絕", "撤销", "撤銷"),
    *("لا", "أرفض", "غير موافق", "מסרב", "לא", "לא מסכים", "नहीं", "असहमत", "không", "không đồng ý", "tidak"),
)
