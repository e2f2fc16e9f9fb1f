"""Schema of the policy file: thresholds, rules and texts of the verdict and the MQL decision.

The default is `models/policy.toml`; `[mql] policy` in leadworth.toml sets another file. `models.policy_engine`
applies it.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from leadworth.errors import ConfigurationError
from models.policy_conditions import Condition

ECONOMICS = "win_probability x expected_revenue x margin > touch_cost"

REFUSALS = (
    "test-address",
    "own-domain",
    "junk",
    "rejected",
    "bulk-import",
    "no-profile-no-initiative",
    "profile-only",
    "initiative-only",
    "touch-cost",
    "win-probability",
)
_WITHOUT_REVENUE = {"win-probability": "a win is less likely than that of the average lead"}
"""Text of a refusal that policies written before it do not have."""

# Inputs that only indicate automation, which alone never rejects a lead.
AUTOMATION = frozenset(
    {
        "honeypot_filled",
        "webdriver",
        "user_agent",
        "form_honeypot",
        "form_honeypot_filled",
        "form_webdriver",
        "form_agent_automated",
        "automation_probability",
        "automated",
        "token_missing",
        "collector_automation",
        "collector_untrusted_log",
        "collector_honeypot_blind",
        "collector_sent_by_script",
        "collector_nofocus_share",
        "collector_software_graphics",
        "collector_click_dead_centre",
    }
)

Share = Annotated[float, Field(ge=0, le=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


def _domain(value: object) -> object:
    return value.strip().casefold().lstrip("@").strip(".") if isinstance(value, str) else value


Domain = Annotated[str, BeforeValidator(_domain), Field(min_length=3)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sign(_Part):
    """A sign of junk that is neither a honeypot nor automation."""

    id: Id
    sentence: str = Field(min_length=1)
    when: tuple[Condition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_evidence(self) -> Self:
        if {condition.name for condition in self.when} <= AUTOMATION and self._rejects:
            raise ValueError(
                f"{self.id!r} depends on automation or a honeypot alone, which never rejects; add a condition"
            )
        return self

    @property
    def _rejects(self) -> bool:
        return True


class PolicyRule(Sign):
    """A rule of the verdict."""

    verdict: Literal["review", "reject"]

    @property
    def _rejects(self) -> bool:
        return self.verdict == "reject"


class Criterion(_Part):
    """An entry of profile or initiative."""

    id: Id
    label: str = Field(min_length=1)
    when: tuple[Condition, ...] = Field(min_length=1)


class VerdictPart(_Part):
    """Thresholds and rules of the verdict."""

    review_junk: Share
    automated: Share
    rules: tuple[PolicyRule, ...] = ()
    signs: tuple[Sign, ...] = ()


class MqlPart(_Part):
    """Entries and refusal texts of the MQL decision."""

    bulk_import: tuple[Condition, ...]
    profile: tuple[Criterion, ...]
    initiative: tuple[Criterion, ...]
    refusals: dict[str, str]

    def refusal(self, name: str) -> str:
        """Return the text of a refusal."""
        return self.refusals.get(name) or _WITHOUT_REVENUE[name]

    @model_validator(mode="after")
    def _check_refusals(self) -> Self:
        missing = sorted(set(REFUSALS) - set(self.refusals) - set(_WITHOUT_REVENUE))
        unknown = sorted(set(self.refusals) - set(REFUSALS))
        if missing or unknown:
            raise ValueError(
                f"[mql.refusals] needs a text for each of {', '.join(REFUSALS)}; "
                f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
            )
        return self


class Policy(_Part):
    """A decision policy.

    Examples
    --------
    >>> policy = Policy.shipped()
    >>> policy.verdict.review_junk, [rule.id for rule in policy.verdict.rules][:2]
    (0.5, ['test-address', 'test-word'])
    """

    version: str = Field(min_length=1)
    own_domains: tuple[Domain, ...] = ()
    verdict: VerdictPart
    mql: MqlPart
    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """Text of the file, with comments."""
        return self._text

    @classmethod
    def from_text(cls, text: str, origin: str = "policy.toml") -> Self:
        """Parse a policy.

        Raises
        ------
        ConfigurationError
            If the text is not TOML, or an entry is missing, unknown or invalid.
        """
        try:
            policy = cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{origin} is not valid TOML: {error}", do="correct the line") from error
        except ValidationError as error:
            errors = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
            raise ConfigurationError(f"{origin}: {errors}", do="compare with models/policy.toml") from error
        policy._text = text
        return policy

    @classmethod
    def shipped(cls) -> Self:
        """Return the default policy."""
        return cls.from_text(resources.files("models").joinpath("policy.toml").read_text(encoding="utf-8"))

    @classmethod
    def read(cls, file: Path | None) -> Self:
        """Return the policy of a file, or the default policy if `file` is None.

        Raises
        ------
        ConfigurationError
            If the file cannot be read or is invalid.
        """
        if file is None:
            return cls.shipped()
        try:
            return cls.from_text(file.read_text(encoding="utf-8"), str(file))
        except OSError as error:
            raise ConfigurationError(
                f"no policy at {file}: {error.strerror}",
                do="correct [mql] policy, or remove it to use the default policy",
            ) from error
