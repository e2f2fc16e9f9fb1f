"""The policy file: parsing, validation, and no rejection for automation alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.errors import ConfigurationError
from models.policy import REFUSALS, Policy

SHIPPED = Policy.shipped()


def changed(old: str, new: str) -> str:
    assert old in SHIPPED.text
    return SHIPPED.text.replace(old, new, 1)


def test_the_shipped_policy_has_a_sentence_for_every_refusal() -> None:
    assert set(SHIPPED.mql.refusals) == set(REFUSALS)
    assert SHIPPED.version


def test_custom_file_is_read_with_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("# agreed with sales\n" + changed("own_domains = []", 'own_domains = ["@ACME.example."]'), "utf-8")
    policy = Policy.read(file)
    assert policy.own_domains == ("acme.example",)
    assert policy.text.startswith("# agreed with sales")
    assert Policy.read(None) == SHIPPED


def test_missing_file_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no policy at .*remove it"):
        Policy.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("review_junk = 0.5", "review_junk = 1.5", "verdict.review_junk"),
        ("review_junk = 0.5", "review_junk = 0.5\nreject_junk = 0.9", "verdict.reject_junk"),
        ('version = "2026-11-5"', "", "version"),
        ('field = "company", filled', 'field = "compani", filled', "there is no field 'compani'"),
        ('check = "own_domain"', 'check = "own_domian"', "there is no check"),
        ('field = "company", filled = true', 'field = "company"', "exactly one comparison"),
        (
            'field = "company", filled = true',
            'field = "company", feature = "email_free", filled = true',
            "exactly one of",
        ),
        ('feature = "message_urls", at_least = 1', 'feature = "message_urls", filled = true', "only a field"),
        ('bulk-import = "the', 'bulk-imports = "the', "missing: bulk-import; unknown: bulk-imports"),
        ('version = "2026-11-5"', "version = ", "not valid TOML"),
        ("[verdict]", "[verdicts]", "verdict"),
    ],
)
def test_invalid_policy_is_an_error_that_names_the_fault(old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Policy.from_text(changed(old, new))


@pytest.mark.parametrize("rule", ["honeypot", "automated"])
def test_no_policy_can_reject_for_a_honeypot_or_automation_alone(rule: str) -> None:
    rejecting = changed(f'id = "{rule}"\nverdict = "review"', f'id = "{rule}"\nverdict = "reject"')
    with pytest.raises(ConfigurationError, match="never rejects"):
        Policy.from_text(rejecting)


def test_a_honeypot_cannot_be_a_sign() -> None:
    with_honeypot_sign = changed(
        'when = [{ feature = "email_disposable", at_least = 1 }]', 'when = [{ field = "honeypot_filled", is = 1 }]'
    )
    with pytest.raises(ConfigurationError, match="never rejects"):
        Policy.from_text(with_honeypot_sign)
