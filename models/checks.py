"""The checks of the policy that are more than one value: test address, own company, bulk import.

What a test address is, is said once, in `features.email`; the feature is read where the spec has it
and worked out where the training data had no e-mail column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import email
from models.conditions import Condition, LeadFacts, Mask, TableFacts
from models.policy import Policy

_FEATURE = "email_test"
_PLACE = [feature.name for feature in email.GROUP.features].index(_FEATURE)


def is_test(address: str | None) -> bool:
    """Say whether an address is one that people type to test a form.

    Examples
    --------
    >>> is_test("test@test.com"), is_test("[email protected]"), is_test("ada@lovelace.org"), is_test(None)
    (True, True, False, False)
    """
    return address is not None and email.compute(address)[_PLACE] == 1.0


def is_own(address: str | None, domains: Sequence[str]) -> bool:
    """Say whether an address belongs to one of the domains or to a sub-domain.

    Examples
    --------
    >>> is_own("Ada@mail.Acme.example", ["acme.example"]), is_own("ada@notacme.example", ["acme.example"])
    (True, False)
    """
    domain = email.domain_of(address) if domains else None
    return domain is not None and any(domain == own or domain.endswith("." + own) for own in domains)


def checks_of_lead(policy: Policy, index: Mapping[str, int]) -> Callable[[LeadFacts], None]:
    """Return what adds the checks to the facts of one lead.

    Parameters
    ----------
    policy
        What counts as our own domain, as an import and as automated.
    index
        Position of each feature in a vector.
    """
    place, domains, automated = index.get(_FEATURE), policy.own_domains, policy.verdict.automated
    imports = [condition.question(index) for condition in policy.mql.bulk_import]

    def add(facts: LeadFacts) -> None:
        lead, checks = facts.lead, facts.checks
        checks["test_address"] = is_test(lead.email) if place is None else facts.vector[place] == 1.0
        checks["own_domain"] = bool(domains) and is_own(lead.email, domains)
        checks["bulk_import"] = bulk = any(speaks(facts) for speaks in imports)
        checks["own_submit"] = not bulk
        checks["automated"] = lead.webdriver is True or facts.numbers["automation_probability"] >= automated

    return add


def add_to_table(facts: TableFacts, policy: Policy) -> None:
    """Add the checks to what is known of many leads."""
    place, domains = facts.index.get(_FEATURE), policy.own_domains
    test, own, bulk = (np.zeros(len(facts.table), dtype=bool) for _ in range(3))
    if place is not None:
        test = facts.matrix[:, place] == 1.0
    if "email" in facts.table.columns and (domains or place is None):
        codes, addresses = pd.factorize(facts.table["email"])
        own = _taken([is_own(address, domains) for address in addresses], codes)
        test = test if place is not None else _taken([is_test(address) for address in addresses], codes)
    for condition in policy.mql.bulk_import:
        bulk |= condition.mask(facts)
    automated = facts.numbers["automation_probability"] >= policy.verdict.automated
    automated |= Condition(field="webdriver", at_least=1).mask(facts)
    facts.checks.update(
        {"test_address": test, "own_domain": own, "bulk_import": bulk, "own_submit": ~bulk, "automated": automated}
    )


def _taken(answers: list[bool], codes: NDArray[np.intp]) -> Mask:
    return np.array([*answers, False], dtype=bool)[codes]
