"""What the request and the advertisement carry: click ids, pages, referrer, browser, address."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.crm.simulated.behaviour import Behaviour
from connectors.crm.simulated.bots import Classes, is_style, of_attack
from connectors.crm.simulated.channels import Arrivals, campaigns_of
from connectors.crm.simulated.companies import Facts
from connectors.crm.simulated.draw import (
    BASE64,
    HEXADECIMAL,
    Flags,
    blank,
    chance,
    digits_of,
    fixed,
    join,
    pick,
    put,
    stream,
)
from connectors.crm.simulated.parameters import Parameters, data


def web(
    parameters: Parameters, arrived: Arrivals, kinds: Classes, who: Facts, did: Behaviour, seed: int
) -> dict[str, pa.Array]:
    """Return the columns of attribution and request by standard field; null where there are none."""
    rng = stream(seed, "web")
    return {
        **_attribution(parameters, rng, arrived, who, did),
        **_click_ids(parameters, rng, arrived, kinds, did),
        **_request(parameters, rng, kinds, who, did),
    }


def _attribution(
    parameters: Parameters, rng: np.random.Generator, arrived: Arrivals, who: Facts, did: Behaviour
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


def _form(parameters: Parameters, arrived: Arrivals, who: Facts, did: Behaviour) -> pa.Array:
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
        "gclid": (google & (kind < 0.88), join("EAIaIQobChMI", fixed(rng, BASE64, 43, size))),
        "wbraid": (google & (kind >= 0.88) & (kind < 0.94), join("Cj4KCQ", fixed(rng, BASE64, 40, size))),
        "gbraid": (google & (kind >= 0.94), join("0AAAAA", fixed(rng, BASE64, 30, size))),
        "msclkid": (bing, fixed(rng, HEXADECIMAL, 32, size)),
        "fbclid": (meta, join("IwAR", fixed(rng, BASE64, 56, size))),
        "li_fat_id": ((given == "li_fat_id") & ~lost, _uuid(rng, size)),
    }
    fbp = join("fb.1.", digits_of(arrived.seconds * 1000), ".", digits_of(rng.integers(10**8, 10**9, size)))
    columns = {name: blank(values, ~where) for name, (where, values) in shown.items()}
    return {**columns, "fbp": blank(fbp, ~did.on_site | chance(rng, 0.45, size) | kinds.automated)}


def _uuid(rng: np.random.Generator, size: int) -> pa.Array:
    return join(*(fixed(rng, HEXADECIMAL, n, size) for n in (8, 4, 4, 4, 12)), sep="-")


def _request(
    parameters: Parameters, rng: np.random.Generator, kinds: Classes, who: Facts, did: Behaviour
) -> dict[str, pa.Array]:
    """Write address, browser and language; addresses come from private and test ranges only."""
    size, away = len(kinds.attack), ~did.on_site
    hosting = chance(rng, of_attack(parameters, "hosting", kinds.attack, 0.01), size)
    parts = [digits_of(rng.integers(0, 256, size)) for _ in range(2)]
    host, last = digits_of(rng.integers(18, 20, size)), digits_of(rng.integers(1, 255, size))
    person = join("10", parts[0], parts[1], last, sep=".")
    machine = join("198", host, parts[1], last, sep=".")
    languages = [data("web")["languages"][c["language"]] for c in data("people")["countries"].values()]
    language = pick(languages, who.country)
    script = is_style(parameters, "agent", "script", kinds.attack)
    return {
        "ip": blank(pc.if_else(pa.array(hosting), machine, person), away),
        "user_agent": blank(_agent(parameters, rng, kinds, who), away),
        "accept_language": blank(language, away | script),
    }


def _agent(parameters: Parameters, rng: np.random.Generator, kinds: Classes, who: Facts) -> pa.Array:
    content, size = data("web"), len(kinds.attack)
    agents = content["agents"]
    names = [a["name"] for a in agents]
    steps = {}
    for device in ("desktop", "mobile"):
        weights = np.cumsum([a["share"] * (a["device"] == device) for a in agents])
        steps[device] = np.searchsorted(weights / weights[-1], rng.random(size), side="right")
    agent = pick(names, np.where(who.mobile, steps["mobile"], steps["desktop"]))
    for style in ("script", "headless"):
        flags: Flags = is_style(parameters, "agent", style, kinds.attack)
        pool = content["bots"][style]
        agent = put(agent, flags, pick(pool, rng.integers(0, len(pool), int(flags.sum()))))
    buyers = kinds.automated & ~kinds.junk
    return put(agent, buyers, content["bots"]["headless"][0])
