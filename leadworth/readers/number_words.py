"""Vocabulary of numbers: magnitudes, units of counts, words of ranges, currencies."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import list_currencies

MAGNITUDES: dict[str, float] = {
    **dict.fromkeys(("k", "tsd", "tsd.", "thousand", "thousands", "tausend", "mila", "mille", "duizend"), 1e3),
    **dict.fromkeys(
        ("тыс", "тыс.", "тысяч", "тысячи", "тысяча", "т.", "тис", "тис.", "tys", "tys.", "tis", "tis."), 1e3
    ),
    **dict.fromkeys(("tisíc", "ezer", "bin", "tusen", "tusind", "tuhat", "tuhatta", "mii", "ribu", "rb", "nghìn"), 1e3),
    **dict.fromkeys(("千", "천", "仟", "हज़ार", "हजार", "ألف"), 1e3),
    **dict.fromkeys(("万", "萬", "만"), 1e4),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs", "लाख", "ला॰"), 1e5),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mio.", "mill", "mill.", "million", "millions", "millionen"), 1e6),
    **dict.fromkeys(("mln", "mln.", "mil.", "milione", "milioni", "millón", "millones", "milhão", "milhões"), 1e6),
    **dict.fromkeys(("miljoen", "miljoner", "miljoona", "miljoonaa", "milj", "milj.", "milion", "miliony"), 1e6),
    **dict.fromkeys(("milionów", "milionů", "millió", "milioane", "milyon", "mn.", "млн", "млн.", "миллион"), 1e6),
    **dict.fromkeys(("миллиона", "миллионов", "мільйонів", "εκατ.", "εκ.", "juta", "jt", "triệu", "tr", "mi"), 1e6),
    **dict.fromkeys(("百万", "百萬", "백만", "مليون"), 1e6),
    **dict.fromkeys(("crore", "crores", "करोड़", "क॰"), 1e7),
    **dict.fromkeys(("億", "亿", "억"), 1e8),
    **dict.fromkeys(("bn", "bn.", "billion", "billions", "mrd", "mrd.", "milliarde", "milliarden", "bi"), 1e9),
    **dict.fromkeys(("md", "mds", "milliard", "milliards", "mld", "mld.", "miliardo", "miliardi", "miljard"), 1e9),
    **dict.fromkeys(
        ("miljarder", "miljardi", "miliard", "miliardy", "miliardů", "milliárd", "miliarde", "milyar"), 1e9
    ),
    **dict.fromkeys(("mlrd", "млрд", "млрд.", "миллиард", "миллиарда", "миллиардов", "δισ.", "miliar", "tỷ"), 1e9),
    **dict.fromkeys(("mil mill.", "mil millones"), 1e9),
    **dict.fromkeys(("अरब", "अ॰"), 1e9),
    **dict.fromkeys(("兆", "조"), 1e12),
    **{"tkr": 1e3, "mkr": 1e6, "mnkr": 1e6, "mdkr": 1e9},
}
"""Folded word -> factor."""

RUPEES = frozenset({"₹", "rs", "rs.", "inr", "inr.", "rupees", "rupee"})
_EURO = frozenset({"€", "eur", "chf"})
_LIRA = frozenset({"₺", "tl", "try"})
_FORINT = frozenset({"ft", "ft.", "huf"})
_KRONA = frozenset({"kr", "kr.", "sek"})
_REAL = frozenset({"r$", "brl", "mx$", "mxn", "clp", "cop", "ars"})
BY_CURRENCY: dict[str, tuple[tuple[frozenset[str], float], ...]] = {
    "cr": ((RUPEES, 1e7),),
    "l": ((RUPEES, 1e5),),
    "t": ((_EURO, 1e3),),
    "t.": ((_EURO, 1e3),),
    "tn": ((_KRONA, 1e3),),
    "e": ((_FORINT, 1e3),),
    "mil": ((_REAL, 1e3),),
    "mr": ((_LIRA, 1e9),),
    "b": ((_LIRA, 1e3), (frozenset(), 1e9)),
}
"""Folded word -> currencies and factor with them; an empty set is any currency or none. Elsewhere the word has
several meanings: "CR" is a credit, "mil" a thousand in Spanish and a million in English, "B" in Turkish bin (1,000)."""
BEFORE_AMOUNT: dict[str, float] = {
    **dict.fromkeys(("teur", "t€", "tchf", "tusd", "keur", "k€", "kchf", "kusd", "k$", "kgbp", "k£"), 1e3),
    **dict.fromkeys(("meur", "m€", "mchf", "musd", "m$", "mgbp", "m£", "mio. €", "mio €", "mio. eur", "mio eur"), 1e6),
}
"""Magnitude and currency in one, before an amount."""

UNITS = frozenset(
    (
        *("employees", "employee", "people", "persons", "person", "staff", "headcount", "fte", "ftes", "workers"),
        *("users", "user", "seats", "seat", "licenses", "licences", "members", "emp", "emp.", "empl.", "pax"),
        *("mitarbeiter", "mitarbeitende", "mitarbeiter:innen", "mitarbeiterinnen", "ma", "personen", "beschäftigte"),
        *("dipendenti", "dipendente", "addetti", "persone", "utenti", "collaboratori", "employés", "employé"),
        *("salariés", "salarié", "personnes", "collaborateurs", "utilisateurs", "empleados", "empleado", "personas"),
        *("usuarios", "trabajadores", "funcionários", "funcionarios", "colaboradores", "pessoas", "usuários"),
        *("medewerkers", "werknemers", "personen", "gebruikers", "pracowników", "pracownicy", "osób", "osoby"),
        *("zaměstnanců", "zaměstnanci", "osob", "lidí", "zamestnancov", "fő", "alkalmazott", "angajați", "persoane"),
        *("çalışan", "kişi", "personel", "anställda", "personer", "ansatte", "medarbejdere", "työntekijää", "henkilöä"),
        *("сотрудников", "сотрудника", "сотрудник", "человек", "чел", "чел.", "людей", "співробітників", "осіб"),
        *("εργαζόμενοι", "άτομα", "명", "인", "직원", "名", "人", "社員", "従業員", "员工", "員工", "موظف", "עובדים"),
        *("km", "h", "hours", "hrs", "min", "mins", "minutes", "s", "sec", "seconds", "days", "day", "d", "years"),
        *("year", "yrs", "y", "months", "weeks", "x", "times", "stunden", "tage", "jahre", "giorni", "anni", "jours"),
        *(
            "ans",
            "días",
            "años",
            "dni",
            "lat",
            "дней",
            "лет",
            "pts",
            "points",
            "pcs",
            "pieces",
            "stück",
            "stk",
            "units",
        ),
    )
)
"""Folded words that may follow a number of a field that counts."""

CURRENCY_WORDS = frozenset(
    (
        *("eur", "usd", "gbp", "chf", "jpy", "cny", "rmb", "inr", "krw", "rub", "pln", "czk", "huf", "ron", "sek"),
        *("nok", "dkk", "brl", "mxn", "cad", "aud", "nzd", "sgd", "hkd", "zar", "aed", "sar", "ils", "thb", "idr"),
        *("uah", "kzt", "byn", "bgn", "rsd", "php", "vnd", "myr", "twd", "clp", "ars", "cop"),
        *("euro", "euros", "eurot", "euroa", "eura", "евро", "dollar", "dollars", "dólares", "dollari", "us dollar"),
        *("us dollars", "pound", "pounds", "pound sterling", "franken", "francs", "franchi", "rubles", "рублей"),
        *("рубля", "рубль", "руб", "руб.", "р", "р.", "rub.", "kr", "kr.", "zł", "zl", "złotych", "kč", "kc", "korun"),
        *("ft", "ft.", "forint", "lei", "leu", "лв", "лв.", "лева", "грн", "грн.", "гривень", "тг", "тенге", "din"),
        *("din.", "дин.", "ден", "tl", "lira", "fr", "fr.", "sfr", "sfr.", "rs", "rs.", "rupees", "rupee", "inr."),
        *(
            "円",
            "元",
            "원",
            "人民币",
            "人民幣",
            "日元",
            "日圓",
            "美元",
            "歐元",
            "欧元",
            "달러",
            "유로",
            "ドル",
            "ユーロ",
        ),
        *("yen", "yuan", "won", "reais", "real", "pesos", "peso", "baht", "rp", "rp.", "rm", "r", "nt$", "hk$", "s$"),
        *("us$", "a$", "c$", "ca$", "au$", "nz$", "r$", "mx$", "km", "đ", "د.إ", "ر.س", "دولار", "יורו", "שח", "ש״ח"),
        *("rupiah", "đồng", "s/", "s/.", "b/.", "q", "bs", "bs.", "gs.", "₡", "ευρώ", "usd$", "$us", "$ca"),
        *("us $", "a $", "c $", "ca $", "au $", "nz $", "r $", "mx $", "nt $", "hk $", "s $"),
    )
)

AT_LEAST = frozenset(
    (
        *(">", ">=", "≥", "=>", "over", "more than", "above", "at least", "min", "min.", "from", "greater than"),
        *(
            "über",
            "mehr als",
            "mindestens",
            "ab",
            "größer als",
            "oltre",
            "più di",
            "almeno",
            "da",
            "plus de",
            "au moins",
        ),
        *("plus que", "à partir de", "supérieur à", "más de", "al menos", "desde", "mais de", "pelo menos", "acima de"),
        *("meer dan", "minstens", "vanaf", "ponad", "powyżej", "co najmniej", "więcej niż", "od", "více než", "nad"),
        *("minimálně", "viac ako", "több mint", "legalább", "peste", "mai mult de", "cel puțin", "en az", "över"),
        *("mer än", "minst", "over", "mere end", "mindst", "yli", "vähintään", "более", "больше", "свыше", "от"),
        *("не менее", "понад", "більше", "πάνω από", "από", "超過", "超过", "大于", "至少", "أكثر من", "מעל", "hơn"),
    )
)
AT_LEAST_AFTER = frozenset(
    (
        *("+", "or more", "and more", "and above", "and over", "or above", "and up", "plus", "oder mehr", "und mehr"),
        *("o più", "e oltre", "in su", "et plus", "ou plus", "y más", "o más", "ou mais", "e mais", "of meer"),
        *("en meer", "i więcej", "lub więcej", "a více", "nebo více", "a viac", "vagy több", "sau mai mult"),
        *("ve üzeri", "ve üstü", "eller fler", "eller mer", "eller flere", "tai enemmän", "и более", "и больше"),
        *("и выше", "і більше", "이상", "초과", "以上", "超", "及以上", "명 이상", "人以上", "名以上"),
    )
)
AT_MOST = frozenset(
    (
        *(
            "<",
            "<=",
            "≤",
            "=<",
            "under",
            "less than",
            "below",
            "up to",
            "fewer than",
            "at most",
            "max",
            "max.",
            "until",
        ),
        *("unter", "weniger als", "bis", "bis zu", "höchstens", "maximal", "meno di", "fino a", "sotto", "al massimo"),
        *("moins de", "jusqu'à", "au plus", "menos de", "hasta", "até", "abaixo de", "minder dan", "tot", "onder"),
        *("poniżej", "mniej niż", "do", "méně než", "menej ako", "kevesebb mint", "legfeljebb", "sub", "până la"),
        *("mai puțin de", "en fazla", "under", "mindre än", "upp till", "mindre enn", "opptil", "mindre end", "op til"),
        *("alle", "enintään", "до", "менее", "меньше", "не более", "менше", "κάτω από", "έως", "少于", "低于", "小于"),
        *("أقل من", "עד", "dưới", "不到"),
    )
)
AT_MOST_AFTER = frozenset(
    (
        *("or less", "and less", "or fewer", "and below", "oder weniger", "und weniger", "o meno", "ou moins"),
        *("et moins", "o menos", "ou menos", "of minder", "lub mniej", "nebo méně", "vagy kevesebb", "sau mai puțin"),
        *("ve altı", "eller färre", "eller mindre", "eller færre", "tai vähemmän", "и менее", "или менее", "이하"),
        *("미만", "以下", "未満", "以内", "及以下", "명 이하", "명 미만", "人以下", "人未満", "名以下", "名未満"),
    )
)
ABOUT = frozenset(
    (
        *("~", "≈", "about", "approx", "approx.", "approximately", "around", "circa", "ca", "ca.", "c.", "c.a", "c.a."),
        *("roughly", "etwa", "ungefähr", "rund", "environ", "env", "env.", "aproximadamente", "aprox", "aprox."),
        *("ongeveer", "około", "ok", "ok.", "asi", "cca", "cca.", "približne", "kb", "kb.", "körülbelül", "yaklaşık"),
        *("omkring", "noin", "n.", "около", "примерно", "приблизно", "περίπου", "약", "約", "约", "大约"),
    )
)
BETWEEN = (
    *("between", "zwischen", "von", "from", "da", "tra", "fra", "de", "entre", "del", "van", "tussen", "od", "mezi"),
    *("medzi", "între", "mellan", "mellom", "mellem", "от", "між", "від", "между", "από"),
)
TO = (
    *("to", "bis", "a", "à", "et", "and", "und", "al", "y", "e", "até", "tot", "en", "do", "až", "až po", "și", "la"),
    *("till", "til", "og", "och", "ile", "до", "и", "έως", "から", "到", "至", "부터", "através"),
)


@cache
def currency_marks() -> frozenset[str]:
    """Return the folded words and the symbols that stand for a currency before or after an amount.

    Examples
    --------
    >>> {"€", "eur", "kč", "zmw", "₩"} <= currency_marks()
    True
    """
    symbols = {str(symbol).casefold() for symbol in Locale("en").currency_symbols.values()}
    return CURRENCY_WORDS | symbols | frozenset("€$£¥₹₩₽₺₴₪₫₱₦฿₡₲₵₸₭₮₾₼₿﷼¢") | iso_codes()


@cache
def iso_codes() -> frozenset[str]:
    """Return the folded codes of ISO 4217 that are no words of a magnitude or a unit."""
    return frozenset(code.casefold() for code in list_currencies()) - MAGNITUDES.keys() - UNITS
