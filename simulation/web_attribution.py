"""What the request and the advertisement carry: click ids, pages, referrer, browser, address."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulation.bot_traffic import Classes, is_style, of_attack
from simulation.channels import Arrivals, campaigns_of
from simulation.client_network import request
from simulation.companies import PersonFacts
from simulation.parameters import Parameters, data
from simulation.rng import (
    BASE64,
    HEXADECIMAL,
    blank,
    chance,
    digits_of,
    fixed,
    join,
    pick,
    stream,
)
from simulation.visitor_behaviour import Behaviour


def web(
    parameters: Parameters, arrived: Arrivals, kinds: Classes, who: PersonFacts, did: Behaviour, seed: int
) -> dict[str, pa.Array]:
    """Return the columns of attribution and request by standard field; null where there are none."""
    rng = stream(seed, "web")
    return {
        **_attribution(parameters, rng, arrived, who, did),
        **_click_ids(parameters, rng, arrived, kinds, did),
        **request(parameters, kinds, arrived, who, did, seed),
        **_consent(arrived, did, kinds, seed),
    }


def _attribution(
    parameters: Parameters, rng: np.random.Generator, arrived: Arrivals, who: PersonFacts, did: Behaviour
) -> dict[str, pa.Array]:
    channels, size = parameters.channels, len(arrived)
    campaigns = [campaigns_of(name, channel) for name, channel in channels.items()]
    starts = np.concatenate([[0], np.cumsum([len(names) for names in campaigns])[:-1]])
    searched = np.isin(arrived.channel, [i for i, c in enumerate(channels.values()) if c.medium == "cpc"])
    words = ["erp software", "inventory planning", "crm for factories", "workflow tool", "alternative to spreadsheets"]
    referrers = [data("web")["referrers"].get(c.platform, "") for c in channels.values()]
    pages = ["/demo", "/pricing", "/contact", "/whitepaper", "/webinar", "/"]
    page = join("https://www.our-own-company.example", pick(pages, rng.integers(0, len(pages), size)))
    direct = ~did.on_site | chance(rng, 0.12, size)
    return {
        "source": pick(list(channels), arrived.channel),
        "medium": pick([c.medium for c in channels.values()], arrived.channel),
        "campaign": pick([name for names in campaigns for name in names], starts[arrived.channel] + arrived.campaign),
        "term": blank(pick(words, rng.integers(0, len(words), size)), ~searched | chance(rng, 0.3, size)),
        "content": blank(join("ad_", digits_of(rng.integers(1, 9, size))), arrived.imported | chance(rng, 0.3, size)),
        "landing_page": blank(page, ~did.on_site),
        "referrer": blank(pc.if_else(pc.equal(r := pick(referrers, arrived.channel), ""), None, r), direct),
        "form_id": _form(parameters, arrived, who, did),
        "entry": pc.if_else(pa.array(arrived.imported), "import", "form"),
    }


def _form(parameters: Parameters, arrived: Arrivals, who: PersonFacts, did: Behaviour) -> pa.Array:
    platform = pick([f"{c.platform}_instant" for c in parameters.channels.values()], arrived.channel)
    on_page = pc.if_else(
        pa.array(did.demo_requested > 0), "demo", pick(["contact", "quote", "download", "contact"], who.product)
    )
    form = pc.if_else(pa.array(did.on_site), on_page, platform)
    return blank(form, arrived.imported)


def _click_ids(
    parameters: Parameters, rng: np.random.Generator, arrived: Arrivals, kinds: Classes, did: Behaviour
) -> dict[str, pa.Array]:
    """Write the click id that the platform of the channel gives; iOS has wbraid or gbraid instead of gclid."""
    size = len(arrived)
    given = np.array([c.click_id for c in parameters.channels.values()])[arrived.channel]
    lost = chance(rng, 0.12, size) | is_style(parameters, "agent", "script", kinds.attack) | arrived.imported
    kind = rng.random(size)
    google, meta = (given == "gclid") & ~lost, (given == "fbclid") & ~lost
    bing = (given == "gclid") & lost & (kind < 0.3)
    shown = {
        "gclid": (google & (kind < 0.88), gclids(parameters, rng, arrived, kinds)),
        "wbraid": (google & (kind >= 0.88) & (kind < 0.94), join("Cj4KCQ", fixed(rng, BASE64, 40, size))),
        "gbraid": (google & (kind >= 0.94), join("0AAAAA", fixed(rng, BASE64, 30, size))),
        "msclkid": (bing, fixed(rng, HEXADECIMAL, 32, size)),
        "fbclid": (meta, join("IwAR", fixed(rng, BASE64, 56, size))),
        "li_fat_id": ((given == "li_fat_id") & ~lost, _uuid(rng, size)),
    }
    fbp = join("fb.1.", digits_of(arrived.seconds * 1000), ".", digits_of(rng.integers(10**8, 10**9, size)))
    columns = {name: blank(values, ~where) for name, (where, values) in shown.items()}
    return {**columns, "fbp": blank(fbp, ~did.on_site | chance(rng, 0.45, size) | kinds.automated)}


def _consent(arrived: Arrivals, did: Behaviour, kinds: Classes, seed: int) -> dict[str, pa.Array]:
    """Return what visitors agreed to, where they were asked, and the browser's id at Google Analytics."""
    rng, size, shares = stream(seed, "consent"), len(arrived), data("web")["consent"]
    asked = chance(rng, shares["asked"], size) & ~arrived.imported
    agreed = chance(rng, shares["data"], size)
    personal = agreed & chance(rng, shares["personal"], size)
    client = join(digits_of(rng.integers(10**8, 2 * 10**9, size)), ".", digits_of(arrived.seconds))
    return {
        "consent_ad_user_data": blank(pick(["no", "yes"], agreed.astype(np.int64)), ~asked),
        "consent_ad_personalization": blank(pick(["no", "yes"], personal.astype(np.int64)), ~asked),
        "ga_client_id": blank(client, ~did.on_site | ~(asked & agreed) | kinds.automated),
    }


def _uuid(rng: np.random.Generator, size: int) -> pa.Array:
    return join(*(fixed(rng, HEXADECIMAL, n, size) for n in (8, 4, 4, 4, 12)), sep="-")


def gclids(parameters: Parameters, rng: np.random.Generator, arrived: Arrivals, kinds: Classes) -> pa.Array:
    """Return Google click ids that carry the time of their click, as real ones do (`features.clicks`)."""
    size = len(arrived)
    hours = np.minimum(0.3 * np.exp(rng.normal(0.0, 1.6, size)), 24.0 * 60)
    old = chance(rng, of_attack(parameters, "old_click", kinds.attack, 0.0), size)
    hours = np.where(old, rng.uniform(48.0, 24.0 * 60, size), hours)
    clicked = ((arrived.seconds - hours * 3600) * 1e6).astype(np.int64)
    raw = rng.integers(0, 256, (size, 42), dtype=np.uint8)
    raw[:, :9] = np.frombuffer(bytes.fromhex("10021a210a1b0a1308"), dtype=np.uint8)
    for place in range(8):  # a time in microseconds takes eight groups of seven bits
        raw[:, 9 + place] = ((clicked >> (7 * place)) & 0x7F) | (0x80 if place < 7 else 0)
    return base64_of(raw, 55)


def base64_of(raw: NDArray[np.uint8], length: int) -> pa.Array:
    """Return rows of bytes (a multiple of three) as base64url of the given length."""
    three = raw.reshape(len(raw), -1, 3).astype(np.int64)
    word = (three[..., 0] << 16) | (three[..., 1] << 8) | three[..., 2]
    six = np.stack([(word >> shift) & 63 for shift in (18, 12, 6, 0)], axis=-1).reshape(len(raw), -1)[:, :length]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    letters = np.frombuffer(alphabet.encode(), dtype=np.uint8)[six]
    ends = np.arange(0, letters.size + 1, length, dtype=np.int32)
    return pa.StringArray.from_buffers(len(raw), pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes()))
