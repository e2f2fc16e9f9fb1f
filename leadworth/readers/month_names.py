"""Names of months, weekdays and halves of the day in the languages of Babel."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache

from babel import Locale

LOCALES = (
    *("en", "de", "fr", "it", "es", "pt", "pt_PT", "nl", "pl", "cs", "sk", "sl", "hr", "sr", "sr_Latn", "bg", "ro"),
    *("hu", "tr", "sv", "nb", "da", "fi", "et", "lv", "lt", "is", "ru", "uk", "be", "el", "ca", "eu", "gl", "vi"),
    *("id", "ms", "hi", "ar", "fa", "he", "th", "az", "kk", "ka", "hy", "sq", "mk", "af", "cy", "ga", "bn", "ta"),
)
_ALSO = {
    "sept": 9, "janv": 1, "févr": 2, "fevr": 2, "avr": 4, "juil": 7, "aout": 8, "déc": 12, "okt": 10, "dez": 12,
    "jän": 1, "jänner": 1, "feber": 2, "mrz": 3, "maerz": 3, "genn": 1, "febbr": 2, "magg": 5, "giu": 6, "lug": 7,
    "sett": 9, "ott": 10, "dic": 12, "ene": 1, "abr": 4, "ago": 8, "set": 9, "out": 10, "янв": 1, "фев": 2, "мар": 3,
    "апр": 4, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "сент": 9, "окт": 10, "ноя": 11, "нояб": 11, "дек": 12,
}  # fmt: skip
_HALVES = {
    **dict.fromkeys(("am", "a.m.", "a. m.", "a.m", "vorm.", "오전", "午前", "上午", "ص", "صباحا", "π.μ.", "πμ"), 0),
    **dict.fromkeys(("pm", "p.m.", "p. m.", "p.m", "nachm.", "오후", "午後", "下午", "م", "مساء", "μ.μ.", "μμ"), 12),
    **dict.fromkeys(("öö", "öö.", "d.", "de.", "sa", "sáng"), 0),
    **dict.fromkeys(("ös", "ös.", "du.", "ch", "chiều"), 12),
}


def fold_name(name: str) -> str:
    """Return a name for comparison: without case and final points.

    Examples
    --------
    >>> fold_name("Sept."), fold_name("MÄRZ"), fold_name("İyul")
    ('sept', 'märz', 'iyul')
    """
    plain = unicodedata.normalize("NFC", name).replace("İ", "i").casefold()
    return plain.replace("\u200f", "").replace("\u200e", "").rstrip(".॰").strip()


@cache
def english_months() -> dict[str, int]:
    """Return the folded English names of the months, without loading any other language."""
    locale = Locale("en").months["format"]
    names = [fold_name(str(name)) for name in locale["wide"].values()]
    full = {name: number for number, name in enumerate(names, start=1)}
    return full | {name[:3]: number for name, number in full.items()} | {"sept": 9}


@cache
def months(locale: str | None = None) -> dict[str, int]:
    """Return folded names of months -> number; without a locale, those that are one month in all languages.

    Examples
    --------
    >>> months()["juin"], months()["июня"], months()["września"], "listopad" in months(), months("pl")["listopad"]
    (6, 6, 9, False, 11)
    """
    if locale is not None:
        return {name: month for month, name in _month_names(locale)}
    numbers: dict[str, set[int]] = defaultdict(set)
    for name, month in (*_ALSO.items(), *english_months().items()):
        numbers[name].add(month)
    for language in LOCALES:
        for month, name in _month_names(language):
            numbers[name].add(month)
    return {name: next(iter(known)) for name, known in numbers.items() if len(known) == 1}


@cache
def ambiguous_months() -> frozenset[str]:
    """Return the folded names that are different months in different languages.

    Examples
    --------
    >>> "listopad" in ambiguous_months()
    True
    """
    every = {name for language in LOCALES for _, name in _month_names(language)}
    return frozenset(every - months().keys())


@cache
def weekdays() -> frozenset[str]:
    """Return the folded names of the days of the week.

    Examples
    --------
    >>> {"tue", "dienstag", "вторник"} <= weekdays()
    True
    """
    names = {"mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"}
    for language in LOCALES:
        for context in Locale.parse(language).days.values():
            for width in ("wide", "abbreviated", "short"):
                for name in context.get(width, {}).values():
                    names.update((fold_name(str(name)), *re.split(r"[\s-]+", fold_name(str(name)))))
    return frozenset(names) - months().keys()


@cache
def halves() -> dict[str, int]:
    """Return folded words for before and after noon -> hours to add; without those of two meanings."""
    return {fold_name(word): hours for word, hours in _HALVES.items()}


@cache
def _month_names(language: str) -> tuple[tuple[int, str], ...]:
    names = []
    for context in Locale.parse(language).months.values():
        for width in ("wide", "abbreviated"):
            for month, written in context.get(width, {}).items():
                name = fold_name(str(written))
                if name and not any(char.isdigit() for char in name):
                    names.append((int(month), name))
    return tuple(names)
