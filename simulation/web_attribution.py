"""Web attribution: click ids, pages, referrer, consent, and the HTTP request."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulation.bot_traffic import Classes, is_style, of_attack
from simulation.channels import Arrivals, campaigns_of
from simulation.client_network import draw_request
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


def draw_attribution(
    parameters: Parameters, arrivals: Arrivals, classes: Classes, persons: PersonFacts, behaviour: Behaviour, seed: int
) -> dict[str, pa.Array]:
    """Return the columns of attribution and request by standard field; null where there are none."""
    rng = stream(seed, "web")
    return {
        **_attribution(parameters, rng, arrivals, persons, behaviour),
        **_click_ids(parameters, rng, arrivals, classes, behaviour),
        **draw_request(parameters, classes, arrivals, persons, behaviour, seed),
        **_consent(arrivals, behaviour, classes, seed),
    }


def _attribution(
    parameters: Parameters, rng: np.random.Generator, arrivals: Arrivals, persons: PersonFacts, behaviour: Behaviour
) -> dict[str, pa.Array]:
    channels = parameters.channels
    size = len(arrivals)
    campaigns = [campaigns_of(name, channel) for name, channel in channels.items()]
    starts = np.concatenate([[0], np.cumsum([len(names) for names in campaigns])[:-1]])
    searched = np.isin(arrivals.channel, [i for i, c in enumerate(channels.values()) if c.medium == "cpc"])
    words = ["erp software", "inventory planning", "crm for factories", "workflow tool", "alternative to spreadsheets"]
    referrers = [data("web")["referrers"].get(c.platform, "") for c in channels.values()]
    pages = ["/demo", "/pricing", "/contact", "/whitepaper", "/webinar", "/"]
    page = join("https://www.our-own-company.example", pick(pages, rng.integers(0, len(pages), size)))
    direct = ~behaviour.on_site | chance(rng, 0.12, size)
    return {
        "source": pick(
            [c.utm_source for c in channels.values()] if parameters.world.utm_sources else list(channels),
            arrivals.channel,
        ),
        "medium": pick([c.medium for c in channels.values()], arrivals.channel),
        "campaign": pick([name for names in campaigns for name in names], starts[arrivals.channel] + arrivals.campaign),
        "term": blank(pick(words, rng.integers(0, len(words), size)), ~searched | chance(rng, 0.3, size)),
        "content": blank(join("ad_", digits_of(rng.integers(1, 9, size))), arrivals.imported | chance(rng, 0.3, size)),
        "landing_page": blank(page, ~behaviour.on_site),
        "referrer": blank(pc.if_else(pc.equal(r := pick(referrers, arrivals.channel), ""), None, r), direct),
        "form_id": _form(parameters, arrivals, persons, behaviour),
        "entry": pc.if_else(pa.array(arrivals.imported), "import", "form"),
    }


def _form(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts, behaviour: Behaviour) -> pa.Array:
    platform = pick([f"{c.platform}_instant" for c in parameters.channels.values()], arrivals.channel)
    on_page = pc.if_else(
        pa.array(behaviour.demo_requested > 0),
        "demo",
        pick(["contact", "quote", "download", "contact"], persons.product),
    )
    form = pc.if_else(pa.array(behaviour.on_site), on_page, platform)
    return blank(form, arrivals.imported)


def _click_ids(
    parameters: Parameters, rng: np.random.Generator, arrivals: Arrivals, classes: Classes, behaviour: Behaviour
) -> dict[str, pa.Array]:
    """Return the click ids of the channel's platform; iOS has wbraid or gbraid instead of gclid."""
    size = len(arrivals)
    kinds = np.array([c.click_id for c in parameters.channels.values()])[arrivals.channel]
    lost = chance(rng, 0.12, size) | is_style(parameters, "agent", "script", classes.attack) | arrivals.imported
    kind = rng.random(size)
    google = (kinds == "gclid") & ~lost
    meta = (kinds == "fbclid") & ~lost
    # A link that names Google as its source carries no click id of Microsoft.
    bing = (kinds == "gclid") & lost & (kind < 0.3) & (not parameters.world.utm_sources)
    click_ids = {
        "gclid": (google & (kind < 0.88), gclids(parameters, rng, arrivals, classes)),
        "wbraid": (google & (kind >= 0.88) & (kind < 0.94), join("Cj4KCQ", fixed(rng, BASE64, 40, size))),
        "gbraid": (google & (kind >= 0.94), join("0AAAAA", fixed(rng, BASE64, 30, size))),
        "msclkid": (bing, fixed(rng, HEXADECIMAL, 32, size)),
        "fbclid": (meta, join("IwAR", fixed(rng, BASE64, 56, size))),
        "li_fat_id": ((kinds == "li_fat_id") & ~lost, _uuid(rng, size)),
    }
    fbp = join("fb.1.", digits_of(arrivals.seconds * 1000), ".", digits_of(rng.integers(10**8, 10**9, size)))
    columns = {name: blank(values, ~where) for name, (where, values) in click_ids.items()}
    return {**columns, "fbp": blank(fbp, ~behaviour.on_site | chance(rng, 0.45, size) | classes.automated)}


def _consent(arrivals: Arrivals, behaviour: Behaviour, classes: Classes, seed: int) -> dict[str, pa.Array]:
    """Return the consent of visitors who were is_asked, and the client id of Google Analytics."""
    rng = stream(seed, "consent")
    size = len(arrivals)
    shares = data("web")["consent"]
    is_asked = chance(rng, shares["asked"], size) & ~arrivals.imported
    is_granted = chance(rng, shares["data"], size)
    personal = is_granted & chance(rng, shares["personal"], size)
    client = join(digits_of(rng.integers(10**8, 2 * 10**9, size)), ".", digits_of(arrivals.seconds))
    return {
        "consent_ad_user_data": blank(pick(["no", "yes"], is_granted.astype(np.int64)), ~is_asked),
        "consent_ad_personalization": blank(pick(["no", "yes"], personal.astype(np.int64)), ~is_asked),
        "ga_client_id": blank(client, ~behaviour.on_site | ~(is_asked & is_granted) | classes.automated),
    }


def _uuid(rng: np.random.Generator, size: int) -> pa.Array:
    return join(*(fixed(rng, HEXADECIMAL, n, size) for n in (8, 4, 4, 4, 12)), sep="-")


def gclids(parameters: Parameters, rng: np.random.Generator, arrivals: Arrivals, classes: Classes) -> pa.Array:
    """Return Google click ids that encode the time of their click, like real ones (`features.click_ids`)."""
    size = len(arrivals)
    hours = np.minimum(0.3 * np.exp(rng.normal(0.0, 1.6, size)), 24.0 * 60)
    old = chance(rng, of_attack(parameters, "old_click", classes.attack, 0.0), size)
    hours = np.where(old, rng.uniform(48.0, 24.0 * 60, size), hours)
    clicked = ((arrivals.seconds - hours * 3600) * 1e6).astype(np.int64)
    raw = rng.integers(0, 256, (size, 42), dtype=np.uint8)
    raw[:, :9] = np.frombuffer(bytes.fromhex("10021a210a1b0a1308"), dtype=np.uint8)
    for group in range(8):  # a time in microseconds takes eight groups of seven bits
        raw[:, 9 + group] = ((clicked >> (7 * group)) & 0x7F) | (0x80 if group < 7 else 0)
    return base64_of(raw, 55)


def base64_of(raw: NDArray[np.uint8], length: int) -> pa.Array:
    """Return rows of bytes (a multiple of three) as base64url of the kinds length."""
    three = raw.reshape(len(raw), -1, 3).astype(np.int64)
    word = (three[..., 0] << 16) | (three[..., 1] << 8) | three[..., 2]
    six = np.stack([(word >> shift) & 63 for shift in (18, 12, 6, 0)], axis=-1).reshape(len(raw), -1)[:, :length]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    letters = np.frombuffer(alphabet.encode(), dtype=np.uint8)[six]
    ends = np.arange(0, letters.size + 1, length, dtype=np.int32)
    return pa.StringArray.from_buffers(len(raw), pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes()))
