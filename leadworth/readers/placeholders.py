"""Placeholders: what programs, forms and people write where they have no value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

_NEVER_A_VALUE = (
    *("n/a", "n.a.", "n. a.", "#n/a", "n/a n/a", "<na>", "<null>", "(null)", "[null]", "{null}", "\\n", "nat"),
    *("undefined", "(undefined)", "[undefined]", "[object object]", "(not set)", "not set", "(not provided)"),
    *("not provided", "(none)", "<none>", "[none]", "(empty)", "<empty>", "(blank)", "<blank>", "(no value)"),
    *("no value", "not available", "not applicable", "not specified", "unspecified", "not given", "no data"),
    *("(select)", "-select-", "- select -", "--select--", "-- select --", "-none-", "- none -", "--none--"),
    *("-- none --", "please select", "please select...", "please choose", "select...", "select an option"),
    *("select one", "choose one", "choose...", "--please select--"),
    *("''", '""', "“”", "‘’", "„“", "«»", "``"),
    *("-", "--", "---", "----", "–", "—", "‒", "−", "－", "ー", "―"),
    *("%%ad_id%%", "{{gclid}}", "{gclid}", "{{fbclid}}", "{{msclkid}}", "{msclkid}", "%7bgclid%7d"),
)
_MACROS = (
    *(
        "campaign",
        "campaign.name",
        "campaign.id",
        "campaignid",
        "CampaignId",
        "campaign_id",
        "campaign_name",
        "adset.name",
    ),
    *(
        "adset.id",
        "adset_name",
        "adset_id",
        "ad.name",
        "ad.id",
        "ad_name",
        "ad_id",
        "adid",
        "AdId",
        "adgroup",
        "AdGroup",
    ),
    *(
        "adgroupid",
        "AdGroupId",
        "adgroup_name",
        "adgroup_id",
        "keyword",
        "creative",
        "creative_id",
        "creativeid",
        "matchtype",
    ),
    *(
        "MatchType",
        "network",
        "device",
        "targetid",
        "TargetId",
        "lpurl",
        "QueryString",
        "placement",
        "site_source_name",
    ),
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "source", "medium", "term", "content"),
    *("click_id", "clickid", "fbclid", "ttclid", "li_fat_id", "aid", "aid_name", "cid", "cid_name", "callback_param"),
    *("account_name", "account_id", "first_name", "last_name", "email", "company", "phone"),
)
"""Macros of ad platforms and forms that were not filled in, without the marks around them."""
_MARKS = (
    "{{%s}}",
    "{%s}",
    "%%7B%%7B%s%%7D%%7D",
    "%%7B%s%%7D",
    "[%s]",
    "[[%s]]",
    "${%s}",
    "%%%%%s%%%%",
    "__%s__",
    "<%%=%s%%>",
)
_SPREADSHEET_ERRORS = (
    *("#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!", "#spill!", "#calc!", "#field!", "#blocked!"),
    *("#getting_data", "#connect!", "#unknown!", "#busy!", "#error!", "#python!", "#external!"),
    *("#wert!", "#bezug!", "#nv", "#zahl!", "#überlauf!", "#feld!", "#leer!", "#kalk!"),
    *("#valeur!", "#nom?", "#nombre!", "#nul!", "#propagation!", "#valore!", "#rif!", "#nome?", "#n/d", "#nullo!"),
    *("#¡valor!", "#¡ref!", "#¿nombre?", "#¡div/0!", "#¡num!", "#¡nulo!", "#¡desbordamiento!", "#valor!", "#núm!"),
    *("#waarde!", "#verw!", "#naam?", "#deel/0!", "#getal!", "#leeg!", "#n/b", "#adr!", "#arg!", "#nazwa?"),
    *("#liczba!", "#zero!", "#hodnota!", "#odkaz!", "#název?", "#číslo!", "#hiv!", "#érték!", "#név?", "#hiányzik"),
    *("#szám!", "#zéróosztó!", "#değer!", "#başv!", "#ad?", "#sayı!", "#sayı/0!", "#boş!", "#yok"),
    *("#знач!", "#ссылка!", "#имя?", "#дел/0!", "#число!", "#пусто!", "#н/д", "#перенос!"),
    *("#värdefel!", "#referens!", "#namn?", "#division/0!", "#ogiltigt!", "#saknas!", "#verdi!", "#referanse!"),
    *("#arvo!", "#viittaus!", "#nimi?", "#jako/0!", "#luku!", "#tyhjä!", "#puuttuu!"),
)
_IN_LANGUAGES = (
    *("k.a.", "k. a.", "k.a", "keine angabe", "keine angaben", "nicht verfügbar", "nicht angegeben", "nicht gesetzt"),
    *("nicht zutreffend", "entfällt", "bitte wählen", "bitte auswählen", "bitte wählen...", "-- bitte wählen --"),
    *("n.d.", "n/d", "non disponibile", "non specificato", "non indicato", "non impostato", "non applicabile"),
    *("seleziona", "selezionare", "-- seleziona --", "nessun valore", "nessun dato"),
    *(
        "non disponible",
        "non renseigné",
        "non renseignée",
        "non spécifié",
        "non défini",
        "non communiqué",
        "sans objet",
    ),
    *("s/o", "n.c.", "n/c", "sélectionner", "sélectionnez", "choisir", "veuillez sélectionner"),
    *("no disponible", "no especificado", "no aplica", "sin datos", "sin especificar", "sin valor", "s/d", "s.d."),
    *("seleccionar", "seleccione", "seleccione una opción", "não disponível", "não informado", "não se aplica"),
    *("não especificado", "sem dados", "selecione", "n.v.t.", "nvt", "niet beschikbaar", "niet van toepassing"),
    *("niet opgegeven", "geen gegevens", "selecteer", "maak een keuze", "nie dotyczy", "nie podano", "brak danych"),
    *("b.d.", "b/d", "niedostępne", "wybierz", "neuvedeno", "není k dispozici", "nezadáno", "vyberte", "neuvedené"),
    *("nincs adat", "nem elérhető", "nincs megadva", "válasszon", "nespecificat", "indisponibil", "selectați"),
    *("belirtilmemiş", "mevcut değil", "seçiniz", "seçin", "ej angivet", "ej tillgänglig", "ikke oppgitt"),
    *("ikke angivet", "ei saatavilla", "ei tietoa", "välj", "vælg", "velg", "valitse"),
    *("н/д", "нет данных", "не указано", "не указан", "не указана", "не задано", "не определено", "недоступно"),
    *("неизвестно", "выберите", "не вказано", "немає даних", "няма данни", "δ/υ", "μη διαθέσιμο", "επιλέξτε"),
    *("없음", "해당 없음", "해당없음", "미입력", "미지정", "알 수 없음", "선택", "선택하세요", "선택해주세요"),
    *("なし", "該当なし", "未設定", "未入力", "未定義", "不明", "選択してください", "データなし"),
    *("无", "無", "暂无", "未知", "不详", "不適用", "不适用", "未填写", "请选择", "請選擇", "無資料", "无数据"),
    *("غير متوفر", "غير محدد", "لا يوجد", "اختر", "לא זמין", "לא צוין", "בחר", "उपलब्ध नहीं", "लागू नहीं"),
    *("uppgift saknas", "ej ifyllt", "ikke udfyldt", "ikke utfylt", "ikke valgt", "ei määritelty", "ei valittu"),
    *("nevyplněno", "neurčeno", "nevybráno", "未提供", "未设置", "未設定", "未选择", "未選擇", "尚未填寫"),
    *("auswählen", "keine auswahl", "nicht ausgewählt", "nicht bekannt", "unbekannt angegeben", "ohne angabe"),
    *("non definito", "non compilato", "non selezionato", "non précisé", "non précisée", "non définie"),
    *("non sélectionné", "no definido", "no seleccionado", "no proporcionado", "sin definir", "sem informação"),
    *("não definido", "não preenchido", "não selecionado", "niet ingevuld", "niet bekend", "niet gespecificeerd"),
    *(
        "nie wybrano",
        "nie określono",
        "seçilmedi",
        "belirtilmedi",
        "не выбрано",
        "не заполнено",
        "선택안함",
        "선택 안 함",
    ),
    *(
        "特になし",
        "選択なし",
        "未選択",
        "(未選択)",
        "（未選択）",
        "指定なし",
        "未回答",
        "設定なし",
        "--なし--",
        "[not set]",
        "--geen--",
    ),
    *("--ninguno--", "--nessuno--", "--aucun--", "--nenhum--", "--keine--"),
    *("không có", "không xác định", "chọn", "tidak ada", "tidak tersedia", "pilih", "ไม่มี", "ไม่ระบุ"),
)
_PARTS = re.compile(r"([\W_]+)")
_ALSO_NAMES = ("null", "nan", "nil")
"""Missing as programs write them, in lower or upper case; "Null" and "Nan" are surnames too."""
_OF_VALUES = (
    *(
        "na",
        "null",
        "nan",
        "nil",
        "none",
        "select",
        "unknown",
        "tbd",
        "t.b.d.",
        "tba",
        "?",
        "??",
        "???",
        ".",
        "..",
        "...",
    ),
    *("…", "_", "__", "/", "\\", "*", "~", "empty", "blank", "missing", "void", "no info", "pending"),
    *("unbekannt", "keine", "keiner", "leer", "offen", "sconosciuto", "nessuno", "nessuna", "vuoto", "inconnu"),
    *("aucun", "aucune", "vide", "desconocido", "ninguno", "ninguna", "vacío", "desconhecido", "nenhum", "vazio"),
    *("onbekend", "geen", "leeg", "nieznane", "brak", "neznámé", "neznámo", "žádný", "ismeretlen", "nincs"),
    *("necunoscut", "niciunul", "bilinmiyor", "yok", "boş", "okänd", "ukjent", "ukendt", "ingen", "tuntematon"),
    *("неизвестен", "неизвестна", "пусто", "невідомо", "άγνωστο", "미정", "未定", "空", "مجهول", "לא ידוע", "अज्ञात"),
)


def _spellings(words: Iterable[str]) -> set[str]:
    """Return texts in small and in capital letters, and with a capital at the beginning of any of their words."""
    spellings: set[str] = set()
    for text in words:
        parts = [(part, part.capitalize()) if part.isalpha() else (part,) for part in _PARTS.split(text)]
        spellings |= {text.upper(), *map("".join, product(*parts))}
    return spellings


TEXT_PLACEHOLDERS = frozenset(
    _spellings((*_NEVER_A_VALUE, *_SPREADSHEET_ERRORS, *_IN_LANGUAGES))
    | {marks % name for marks in _MARKS for name in _spellings(_MACROS) | set(_MACROS)}
    | {form for word in _ALSO_NAMES for form in (word, word.upper())}
    | {"NaN", "-nan", "-NaN", "None", "NONE", "none", "Select", "NaT", "\\N"}
)
"""Texts that are missing in every field: nobody's name, company or city."""

VALUE_PLACEHOLDERS = TEXT_PLACEHOLDERS | frozenset(_spellings(_OF_VALUES))
"""Texts that are missing where a number, a flag, a date or an id is read; a text "NA" may be Namibia."""
