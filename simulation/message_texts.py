"""Messages: an opening with the intent, and filler, in the language of the visitor."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.bot_traffic import Classes, is_style
from simulation.companies import PersonFacts
from simulation.parameters import Parameters, data
from simulation.rng import Flags, Ints, join, pick, put, stream

LANGUAGES = ("en", "de", "it", "fr", "es")


def draw_messages(parameters: Parameters, classes: Classes, persons: PersonFacts, seed: int) -> pa.Array:
    """Return the message of each lead; null where the form has no message or it is empty."""
    rng = stream(seed, "messages")
    countries = list(data("people")["countries"].values())
    language = np.array([LANGUAGES.index(country["language"]) for country in countries])[persons.country]
    intents = list(data("messages")["intents"])
    text = _from_pools(rng, language * len(intents) + np.maximum(persons.intent, 0), _openings(intents))
    fillers = [list(data("messages")[name]["filler"]) for name in LANGUAGES]
    for number in range(8):
        more = (persons.sentences > number) & (persons.intent >= 0)
        added = _from_pools(rng, language[more], fillers)
        text = put(text, more, join(text.filter(pa.array(more)), added, sep=" "))
    own = (persons.sentences > 0) & (persons.intent >= 0)
    text = put(text, own, join(text.filter(pa.array(own)), _own_sentence(rng, language[own]), sep=" "))
    text = pc.if_else(pa.array(persons.intent >= 0), text, pa.scalar(None, pa.string()))
    text = put(text, is_style(parameters, "text", "none", classes.attack), "")
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    for style in ("pitch", "mixed", "ru"):
        flags = is_style(parameters, "text", style, classes.attack)
        text = put(text, flags, _pitches(rng, style, flags))
    return text


def _openings(intents: list[str]) -> list[list[str]]:
    return [list(data("messages")[language][intent]) for language in LANGUAGES for intent in intents]


def _from_pools(rng: np.random.Generator, pool: Ints, pools: list[list[str]]) -> pa.Array:
    """Draw one text from the pool of each row."""
    counts = np.array([len(p) for p in pools])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    positions = starts[pool] + (rng.random(len(pool)) * counts[pool]).astype(np.int64)
    return pick([text for p in pools for text in p], positions)


def _own_sentence(rng: np.random.Generator, language: Ints) -> pa.Array:
    """Return sentences that are nearly unique: what the company makes, of what and for whom."""
    content = data("messages")["own"]
    size = len(language)
    words = [pick(content["words"], rng.integers(0, len(content["words"]), size)) for _ in range(4)]
    starts, middles = (pick([content[part][name] for name in LANGUAGES], language) for part in ("starts", "middles"))
    return join(starts, words[0], words[1], middles, words[2], words[3], sep=" ")


def _pitches(rng: np.random.Generator, style: str, flags: Flags) -> pa.Array:
    pool = list(data("messages")["junk"][style])
    count = int(flags.sum())
    first, second = (pick(pool, rng.integers(0, len(pool), count)) for _ in range(2))
    return pc.if_else(pa.array(rng.random(count) < 0.5), first, join(first, second, sep=" "))
