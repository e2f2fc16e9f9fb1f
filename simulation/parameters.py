"""Parameters of a simulated world, from the TOML files in `data/`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadworth.errors import ConfigurationError

Pair = tuple[float, float]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """Base of all parameters: frozen, and unknown names are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(Part):
    """One channel; see `data/channels.toml` for the meaning of the numbers."""

    share: Pair
    medium: str
    platform: str
    utm_source: str
    click_id: str
    click_cost: float = Field(ge=0)
    click_to_lead: float = Field(gt=0, le=1)
    quality: float
    quality_per_year: float
    deal: float = Field(gt=0)
    delay_days: float = Field(gt=0)
    bot_share: tuple[Share, Share]
    warmth: float
    free_mail: Share
    weekend: float
    campaigns: dict[str, float]
    bot_campaigns: dict[str, Share] = {}
    instant_form: bool = False
    missing: dict[str, Share] = {}
    imported_every_days: int = 0
    flood_share: Share = Field(0.0, description="Bot share in the last `flood_last_days`")
    flood_last_days: int = 0
    flood_growth: float = Field(1.0, description="Factor on the number of leads in these days")


class Attack(Part):
    """One source of junk; see `data/attacks.toml`."""

    share: Share
    instant_share: Share = 0.0
    automated: bool
    labelled: Share
    seconds: Pair
    honeypot: Share
    webdriver: Share
    names: Literal["real", "random_case", "keymash", "fragment", "test"]
    mail: Literal["business", "free", "personal", "disposable", "dots", "ru", "odd", "test"]
    text: Literal["none", "real", "pitch", "mixed", "ru"]
    bad_phone: Share
    agent: Literal["normal", "script", "headless"]
    hosting: Share
    countries: tuple[str, ...] = ()
    code: str
    behaviour: Literal["none", "set", "driven", "stealth", "person"]
    no_payload: Share = 0.0
    no_token: Share = 0.0
    replayed: Share = 0.0
    addresses: int = Field(0, ge=0)
    phones: int = Field(0, ge=0)
    devices: int = Field(0, ge=0)
    pastes: Share = 0.16
    vpn: Share = 0.02
    zone_elsewhere: Share = 0.03
    zone_utc: Share = 0.0
    spoofs: Share = 0.0
    software_graphics: Share = 0.0
    old_click: Share = 0.0
    name_mismatch: Share = 0.0
    phone_elsewhere: Share = 0.0


class Human(Part):
    """One kind of people that a poor filter classifies as bots; see `data/humans.toml`."""

    share: Share


class Win(Part):
    """Win probability, in log-odds."""

    intercept: float
    per_year: float
    season: tuple[float, ...] = Field(min_length=12, max_length=12)
    scale: float
    step: float = Field(
        0.0, description="Shift of the log-odds in the last `step_last_days` before the export and after"
    )
    step_last_days: int = 0


class Deal(Part):
    """Revenue of a won lead: log-normal body, Pareto tail, capped."""

    median: float
    employees: float
    budget: float
    sigma: float
    tail_share: Share
    tail_from: float
    tail_alpha: float
    tail_cap: float
    least: float


class DelayParameters(Part):
    """Days from submit to win: log-normal below the horizon, growing with the deal."""

    deal_power: float
    sigma: float
    least_days: float
    factor: float
    per_year: float = Field(0.0, description="Yearly change of the log, from the first day on")
    quick_share: Share = Field(0.0, description="Wins that take `quick_factor` times as long")
    quick_factor: float = Field(1.0, gt=0)


class Sales(Part):
    """How sales works the leads and records them in the CRM."""

    worked: float
    looks: float
    unworked: Share
    speed: dict[Literal["fast", "same_day", "late"], Pair]
    mislabelled: Share
    closed: Share
    closed_days: Pair
    closed_unworked: Share = Field(0.0, description="Factor on `closed` for leads that are not worked")
    closed_by_quality: float = Field(
        0.0, description="Power of well-served win probability / 0.1 in the closing median"
    )
    clean_up_every_days: int = Field(0, ge=0, description="Old leads are closed together, so often; 0: never")
    clean_up_after_days: int = Field(100, ge=0, description="Age from which a clean-up closes a lead")
    clean_up_share: Share = Field(0.0, description="Of the old leads, at each clean-up")
    archived_first_days: int = Field(0, ge=0, description="Of the leads of the first days, the CRM kept the won ones")
    amount_missing: Share
    engagement_bias: Share
    neglect: Share
    neglect_last_days: int
    outcomes_visible: bool


class Mess(Part):
    """Shares of cells with noise in their notation."""

    case: Share
    token: Share
    swapped_names: Share
    comma: Share
    late_category: Share


class FairImport(Part):
    """Visitors of a fair, imported within one second."""

    rows: int
    days_before_end: int
    act_later: Share


class World(Part):
    """Parameters of all channels together."""

    horizon_days: int
    currency: str
    growth: float
    seasons: tuple[float, ...] = Field(min_length=12, max_length=12)
    hours: tuple[float, ...] = Field(min_length=24, max_length=24)
    duplicates: Share
    tests: Share
    buyer_agents: Share
    bot_factor: float
    bidding: float
    sabotage_share: Share
    burst_share: Share
    utm_sources: bool = Field(False, description="Leads name the source as a link does, not the channel")
    sessions_last_days: int = 0
    sessions_factor: float = 1.0
    leads_factor: float = 1.0


class Parameters(Part):
    """All parameters of one world.

    Examples
    --------
    >>> parameters("trade-fair").fair_import.rows
    500
    >>> sorted(parameters("cheap-lead-poor-return").channels)
    ['meta_form', 'search']
    """

    scenario: str = ""
    about: str = ""
    world: World
    win: Win
    deal: Deal
    delay: DelayParameters
    sales: Sales
    mess: Mess
    channels: dict[str, Channel]
    attacks: dict[str, Attack]
    humans: dict[str, Human]
    fair_import: FairImport | None = None


@cache
def data(name: str) -> dict[str, Any]:
    """Return the content of `data/<name>.toml`."""
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def scenarios() -> dict[str, str]:
    """Return the description of each scenario by name.

    Examples
    --------
    >>> "bots" in scenarios()
    True
    """
    return {name: content["about"] for name, content in data("scenarios").items()}


def parameters(scenario: str | None = None, changes: dict[str, Any] | None = None) -> Parameters:
    """Return the base world, changed by a by_name scenario and then by `changes`.

    Parameters
    ----------
    scenario
        A name of `scenarios`, or None for the base world.
    changes
        Nested dict of the same shape as `Parameters`, e.g. ``{"sales": {"closed": 0.2}}``.

    Raises
    ------
    ConfigurationError
        Where the scenario or a parameter does not exist.
    """
    by_name = data("scenarios")
    if scenario and scenario not in by_name:
        raise ConfigurationError(
            f"no scenario {scenario!r}", allowed=", ".join(sorted(by_name)), do="choose one, or leave --scenario out"
        )
    world = dict(data("world"))
    parts = {name: world.pop(name) for name in ("win", "deal", "delay", "sales", "mess")}
    base = {"world": world, **parts, "channels": data("channels"), "attacks": data("attacks")}
    base["humans"] = data("humans")
    overrides = dict(by_name[scenario]) if scenario else {}
    only = overrides.pop("only", None)
    if only:
        base["channels"] = {name: base["channels"][name] for name in only}
    merged = _merged(_merged(base, overrides), changes or {})
    try:
        return Parameters(**merged, scenario=scenario or "")
    except ValidationError as error:
        raise ConfigurationError(f"simulation parameters: {error}", do="see simulation/data") from error


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in changes.items():
        old = result.get(name)
        result[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result
