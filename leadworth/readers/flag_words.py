"""Vocabulary of yes and no, in spreadsheets, CRMs, forms and programs."""

from __future__ import annotations

YES = frozenset(
    (
        *("1", "true", "t", "yes", "y", "yep", "yeah", "on", "x", "+", "checked", "ticked", "enabled"),
        *("selected", ".t", ".true"),
        *("✓", "✔", "☑", "✅", "☒", "🗹", "●", "○", "◯", "〇", "o", "v", "√", "👍", "🟢", "(x)", "[x]", "(y)", "[✓]"),
        *("ja", "j", "wahr", "an", "richtig", "stimmt", "vrai", "oui", "coché", "vero", "si", "sì", "s", "sí"),
        *("verdadero", "verdadeiro", "sim", "cierto", "veritable", "marcado", "waar", "sant", "sand", "sann", "jo"),
        *("tosi", "kyllä", "kylla", "jah", "tõene", "jā", "patiesa", "taip", "tiesa", "já", "satt", "tak", "prawda"),
        *("ano", "pravda", "áno", "da", "istina", "resnično", "točno", "igen", "igaz", "adevărat", "evet"),
        *("var", "doğru"),
        *("dogru", "да", "истина", "д", "так", "істина", "ісціна", "вярно", "точно", "ναι", "αληθησ", "αληθής"),
        *("αληθές",),
        *("hə", "bəli", "ha", "иә", "ақиқат", "այո", "დიახ", "bai", "egia", "po", "vërtetë", "ie", "gwir", "fíor"),
        *(
            "はい",
            "真",
            "有効",
            "オン",
            "是",
            "是的",
            "有",
            "對",
            "对",
            "真的",
            "开",
            "開",
            "예",
            "네",
            "참",
            "맞음",
            "있음",
        ),
        *("نعم", "صحيح", "صح", "بله", "بلی", "درست", "ہاں", "כן", "אמת", "हाँ", "हां", "सही", "सत्य", "हो", "হ্যাঁ", "ஆம்"),
        *("ใช่", "จริง", "có", "đúng", "ya", "benar", "betul", "oo", "ndiyo", "kweli"),
    )
)
NO = frozenset(
    (
        *("0", "false", "f", "no", "n", "nope", "off", "unchecked", "unticked", "disabled", "unselected", ".f"),
        *(".false", "not"),
        *("not checked", "not ticked", "not selected", "not enabled", "yok", "无", "無", "なし", "없음"),
        *("✗", "✘", "☐", "❌", "❎", "⬜", "□", "✕", "✖", "×", "╳", "🔴", "👎", "[ ]", "()", "[]", "(n)"),
        *("nein", "falsch", "aus", "faux", "non", "décoché", "falso", "falsa", "não", "nao", "fals", "onwaar", "nee"),
        *("falskt", "falsk", "usand", "usann", "nej", "nei", "epätosi", "epatosi", "ei", "väär", "nē", "nepatiesa"),
        *("ne", "netiesa", "ósatt", "nie", "fałsz", "falsz", "nepravda", "neistina", "laž", "netočno", "napačno", "ni"),
        *("nem", "hamis", "nu", "hayır", "hayir", "yanlış", "yanlis", "нет", "ложь", "н", "ні", "хибність", "хлусня"),
        *("не", "невярно", "неистина", "нетачно", "όχι", "οχι", "ψευδησ", "ψευδής", "ψευδές", "yox", "yo'q", "жоқ"),
        *("жалған", "ոչ", "არა", "ez", "jo s'", "nage", "gau", "bréagach"),
        *("いいえ", "偽", "無効", "オフ", "否", "不是", "不", "没有", "沒有", "錯", "错", "假", "关", "關"),
        *("아니오", "아니요", "거짓", "아님"),
        *("لا", "خطأ", "خاطئ", "خیر", "نادرست", "نہیں", "לא", "שקר", "नहीं", "ग़लत", "गलत", "असत्य", "না", "இல்லை"),
        *("ไม่ใช่", "ไม่", "เท็จ", "không", "sai", "tidak", "salah", "hindi", "hapana"),
    )
)
"""Folded. Where a word is yes in one language and no in another, or two things: "ne" and "no" are no (Czech "no" is
colloquial), "jo" is yes (Albanian no), "x" is yes as in a ticked box (no in Korean and Japanese, next to "o"), "s" and
"o" are yes (sì, oui), "v" is yes (vero, vrai), "f" is no, "не" is no, "ha" is yes."""

WON = (
    *("vundet", "solgt", "såld", "myyty", "prodáno", "vyhrál", "已签约", "已簽約", "已成单", "签约"),
    *("won", "closed won", "closedwon", "closed - won", "closed-won", "won deal", "deal won", "win", "converted"),
    *("success", "successful", "sold", "signed", "customer", "gewonnen", "geschlossen gewonnen", "erfolgreich"),
    *("verkauft", "vinto", "vinta", "chiusa vinta", "chiuso vinto", "conclusa", "gagné", "gagnée", "fermé gagné"),
    *("vendu", "conclu", "ganado", "ganada", "cerrado ganado", "cerrada ganada", "vendido", "ganho", "ganha"),
    *("fechado ganho", "fechado e ganho", "wygrana", "wygrane", "wygrany", "vyhráno", "vyhraný", "vyhrané"),
    *("megnyert", "nyert", "câștigat", "castigat", "kazanıldı", "kazanilan", "kazanılan", "vunnen", "vunnet"),
    *("voitettu", "выиграна", "выиграно", "выигран", "закрыто и реализовано", "успешно реализовано", "продано"),
    *(
        "виграно",
        "спечелена",
        "κερδισμένη",
        "수주",
        "성사",
        "계약",
        "성공",
        "受注",
        "成約",
        "赢单",
        "贏單",
        "成交",
        "成单",
    ),
    *("已赢单", "已成交", "رابحة", "تم الفوز", "זכייה", "जीता", "thắng", "menang", "osvojeno", "dobljeno"),
)
LOST = (
    *("tabte", "ztracen", "prohrál", "丢失", "丟單", "已丢单", "未签约"),
    *("lost", "closed lost", "closedlost", "closed - lost", "closed-lost", "deal lost", "lost deal", "loss"),
    *("verloren", "geschlossen verloren", "perso", "persa", "chiusa persa", "chiuso perso", "perdu", "perdue"),
    *("fermé perdu", "perdido", "perdida", "cerrado perdido", "cerrada perdida", "fechado perdido", "przegrana"),
    *("przegrane", "przegrany", "utracona", "stracona", "prohráno", "ztraceno", "prohrané", "stratené", "elveszett"),
    *("elvesztett", "vesztett", "pierdut", "kaybedildi", "kaybedilen", "förlorad", "förlorat", "tapt", "tabt"),
    *("hävitty", "menetetty", "проиграна", "проиграно", "проигран", "потеряна", "закрыто и не реализовано"),
    *("програно", "втрачено", "загубена", "χαμένη", "실주", "실패", "失注", "输单", "輸單", "丢单", "已输单", "流失"),
    *("خاسرة", "تمت الخسارة", "הפסד", "हारा", "thua", "kalah", "izgubljeno"),
)
OPEN = (
    *("open", "not won", "not lost", "not closed", "in progress", "ongoing", "pending", "active", "not converted"),
    *("unconverted", "offen", "nicht gewonnen", "in bearbeitung", "laufend", "aperto", "aperta", "non vinto"),
    *("in corso", "ouvert", "ouverte", "en cours", "non gagné", "abierto", "abierta", "no ganado", "no ganada"),
    *("en curso", "en proceso", "aberto", "aberta", "em andamento", "não ganho", "niet gewonnen", "lopend"),
    *("otwarta", "otwarte", "w toku", "niewygrana", "otevřeno", "probíhá", "nyitott", "folyamatban", "deschis"),
    *("în curs", "açık", "devam ediyor", "kazanılmadı", "öppen", "pågående", "ej vunnen", "åpen", "åben", "avoin"),
    *("открыта", "открыто", "открыт", "в работе", "не выиграна", "не выиграно", "відкрито", "отворена", "ανοιχτή"),
    *(
        "진행중",
        "진행 중",
        "미성사",
        "미수주",
        "進行中",
        "商談中",
        "未受注",
        "进行中",
        "未成交",
        "未赢单",
        "مفتوحة",
        "פתוח",
    ),
    *("खुला", "đang mở", "terbuka"),
)
