"""Build the letter trigrams of the gibberish score: `uv run --with faker python scripts/build_letters.py`.

The names are those of the locales of the MIT-licensed package faker, with Cyrillic, Greek and Hangul names romanised,
and of `features/data/names.txt`, which has romanised names that faker lacks. A fifth of the names is held out to set
the scale and to print the share of each country's names with a score above 1.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

DATA = Path(__file__).parents[1] / "features" / "data"
EDGE, STEP, FIRST_MARK = "`", 0.2, 35
SIZE = 27
PRIOR = 4.0  # weight of the shorter context, in observations
SHORT = 5.0  # letters at which a score is halved
INITIALS = 3  # letters up to which a word is not scored
EXCEEDING_SHARE = 0.005

_CYRILLIC = dict(
    re.findall(
        r"(\S)=(\S+)",
        "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
        "щ=shch ъ=_ ы=y ь=_ э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ј=j љ=lj њ=nj ќ=kj ѓ=gj ѕ=dz џ=dzh ћ=c ђ=dj",
    )
)
_GREEK = dict(
    re.findall(
        r"(\S)=(\S+)",
        "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o "
        "ά=a έ=e ή=i ί=i ό=o ύ=y ώ=o ϊ=i ϋ=y",
    )
)
# Hangul syllables are composed of a lead, a vowel and a tail.
_LEADS = re.findall(r"\S+", "g kk n d tt r m b pp s ss _ j jj ch k t p h")
_VOWELS = re.findall(r"\S+", "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_TAILS = re.findall(r"\S+", "_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t")


def romanise(name: str) -> str:
    """Return a name with Cyrillic, Greek and Hangul letters romanised."""
    latin = []
    for letter in name.casefold():
        syllable = ord(letter) - 0xAC00
        if 0 <= syllable < 11172:
            latin.append(_LEADS[syllable // 588] + _VOWELS[syllable % 588 // 28] + _TAILS[syllable % 28])
        else:
            latin.append(_CYRILLIC.get(letter) or _GREEK.get(letter) or letter)
    return "".join(latin).replace("_", "")


def locales() -> dict[str, list[str]]:
    """Return the folded names of each locale."""
    from features.gibberish import fold

    providers = importlib.import_module("faker.providers.person")
    names_of: dict[str, set[str]] = {}
    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if ("first_name" in attribute or "last_name" in attribute) and isinstance(values, (tuple, list, dict)):
                for value in values:
                    name = value if isinstance(value, str) else value[-1]
                    names_of.setdefault(module.name, set()).update((fold(romanise(name)) or "").split())
    for line in (DATA / "names.txt").read_text(encoding="utf-8").splitlines():
        country, colon, names = line.partition(":")
        if colon:
            names_of.setdefault(country, set()).update((fold(names) or "").split())
    return {country: sorted(words) for country, words in names_of.items() if len(words) >= 40}


def table(countries: dict[str, list[str]]) -> NDArray[np.float64]:
    """Return -ln P(c | a, b), shape (27, 27, 27); a country is weighted by the square root of its number of names."""
    counts = np.zeros((SIZE, SIZE, SIZE))
    for words in countries.values():
        tally: Counter[tuple[int, ...]] = Counter()
        for word in words:
            edged = [0, 0, *(ord(letter) - ord(EDGE) for letter in word), 0]
            tally.update(zip(edged, edged[1:], edged[2:], strict=False))
        weight = 25 / math.sqrt(len(words))
        for gram, count in tally.items():
            counts[gram] += count * weight
    single = counts.sum((0, 1)) + 1
    single /= single.sum()
    double = counts.sum(0) + PRIOR * 3 * single
    double /= double.sum(1, keepdims=True)
    triple = counts + PRIOR * double[None]
    nats: NDArray[np.float64] = -np.log(triple / triple.sum(2, keepdims=True))
    return nats


def main() -> None:
    """Write letter_trigrams.txt and print the share of held-out names with a score above 1."""
    random.seed(7)
    train: dict[str, list[str]] = {}
    holdout: dict[str, list[str]] = {}
    for country, words in locales().items():
        random.shuffle(words)
        cut = len(words) // 5
        holdout[country] = words[:cut]
        train[country] = words[cut:]
    nats = np.clip(np.round(table(train) / STEP), 0, 126 - FIRST_MARK)

    def mean(word: str) -> tuple[float, float]:
        edged = [0, 0, *(ord(letter) - ord(EDGE) for letter in word[:64]), 0]
        grams = list(zip(edged, edged[1:], edged[2:], strict=False))
        weight = len(grams) / (len(grams) + SHORT) if len(word) > INITIALS else 0.0
        return float(sum(nats[gram] for gram in grams)) * STEP / len(grams), weight

    means = {country: [mean(word) for word in words] for country, words in holdout.items()}
    expected = float(np.mean([np.mean([m for m, _ in rows]) for rows in means.values()]))
    scores = {country: np.array([(m - expected) * w for m, w in rows]) for country, rows in means.items()}
    values = np.concatenate(list(scores.values()))
    weights = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in scores.values()])
    order = np.argsort(-values)
    scale = float(values[order][np.searchsorted(np.cumsum(weights[order]) / weights.sum(), EXCEEDING_SHARE)])
    lines = ["".join(chr(FIRST_MARK + int(step)) for step in row) for row in nats.reshape(-1, SIZE)]
    header = f"{expected:.4f} {scale:.4f} {SHORT}"
    (DATA / "letter_trigrams.txt").write_text("\n".join([header, *lines]) + "\n", encoding="ascii")
    console = Console()
    console.print(f"{sum(map(len, train.values()))} names of {len(train)} locales; {header}")
    for country, rows in sorted(scores.items(), key=lambda item: -float(np.mean(item[1] > scale))):
        console.print(f"{country} {np.mean(rows > scale):.2%} of {len(rows)}", end="  ")


if __name__ == "__main__":
    main()
