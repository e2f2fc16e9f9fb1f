"""Parts of an e-mail address: local part, domain, and what kind of provider the domain belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.domains import LISTS, free_domains, is_disposable, is_relay, registrable
from features.text_arrays import partition
from leadworth.arrays import Flags, Indices

LONGEST = 320
ROLES, TYPED = (frozenset(LISTS[name]) for name in ("role", "test_locals"))
TEST_WORDS = TYPED | frozenset(LISTS["test_words"])

_GENERATING = frozenset(LISTS["generating"])
_GENERATED_FORM = "[a-z0-9]+(?:[._-][a-z0-9]+){1,2}"
_GENERATED = re.compile(rf"(?=\D*\d){_GENERATED_FORM}")

R = TypeVar("R")
Provider = Literal["throw-away", "relay", "free", "own domain"]


class MailAddress(NamedTuple):
    """Parts of an e-mail address, case-folded.

    Attributes
    ----------
    text
        The address, at most `LONGEST` + 1 characters.
    local, domain
        What stands before and after the last at sign; both empty where there is none.
    user
        The local part without a tag such as ``+web``.
    provider
        Kind of the domain; None where the address has no domain.
    own_domain
        Registrable domain of an address that is at none of the listed providers.
    """

    text: str
    local: str
    user: str
    domain: str
    provider: Provider | None
    own_domain: str | None

    @property
    def chosen_by_person(self) -> bool:
        """Whether the sender may have chosen the local part: not a relay's, a role's or a test word."""
        return self.provider not in (None, "relay") and self.user not in ROLES and self.user not in TEST_WORDS

    @property
    def maybe_generated(self) -> bool:
        """Whether the provider may have made up the local part: words and a number, at a provider that does so."""
        return self.domain in _GENERATING and _GENERATED.fullmatch(self.user) is not None


# Six callers read the address of a lead and one reading takes 3 us. At most 64 addresses.
@lru_cache(maxsize=64)
def read_address(email: str) -> MailAddress:
    """Split an e-mail address and look up its provider.

    Examples
    --------
    >>> mail = read_address("Ada+web@mail.Acme.example")
    >>> mail.user, mail.domain, mail.provider, mail.own_domain
    ('ada', 'mail.acme.example', 'own domain', 'acme.example')
    >>> read_address("x7@mozmail.com").provider, read_address("asdf").provider
    ('relay', None)
    """
    text = email[: LONGEST + 1].casefold()
    local, _, domain = text.rpartition("@")
    domain = domain.rstrip(".")
    if not local or not domain:
        return MailAddress(text, "", "", "", None, None)
    provider = provider_of(domain)
    user = local.partition("+")[0]
    return MailAddress(text, local, user, domain, provider, registrable(domain) if provider == "own domain" else None)


def provider_of(domain: str) -> Provider:
    """Return what kind of provider a domain belongs to."""
    if is_relay(domain):
        return "relay"
    if is_disposable(domain):
        return "throw-away"
    return "free" if domain in free_domains() else "own domain"


class MailAddresses(NamedTuple):
    """Parts of the plain ones among many addresses: of ASCII, at most `LONGEST` characters, with both parts.

    Attributes
    ----------
    plain
        Which addresses are plain, shape (n,).
    text, local, user
        As in `MailAddress`, of the plain ones.
    tagged
        Whether the local part has a tag.
    domains
        Distinct domains.
    domain_of
        Position of the domain of each.
    providers, own_domains
        As in `MailAddress`, of each distinct domain.
    """

    plain: Flags
    text: pa.Array
    local: pa.Array
    user: pa.Array
    tagged: Flags
    domains: list[str]
    domain_of: Indices
    providers: NDArray[np.object_]
    own_domains: NDArray[np.object_]

    def maybe_generated(self) -> list[bool]:
        """Return whether the provider may have made up the local part of each plain address."""
        generating = np.array([domain in _GENERATING for domain in self.domains], dtype=bool)[self.domain_of]
        of_form = pc.match_substring_regex(self.user, f"^{_GENERATED_FORM}$").to_numpy(zero_copy_only=False)
        digits = pc.match_substring_regex(self.user, "[0-9]").to_numpy(zero_copy_only=False)
        flags: list[bool] = (generating & of_form & digits).tolist()
        return flags

    def by_row(self, plain: NDArray[np.object_], of_other: Callable[[int], R]) -> list[R]:
        """Return values of all addresses from those of the plain ones and a function of the row of another."""
        values = np.empty(len(self.plain), dtype=object)
        values[self.plain] = plain
        for row in np.flatnonzero(~self.plain).tolist():
            values[row] = of_other(row)
        rows: list[R] = values.tolist()
        return rows


# Five callers read the addresses of a batch. Those of one batch.
@lru_cache(maxsize=1)
def read_addresses(emails: tuple[str | None, ...]) -> MailAddresses:
    """Split many e-mail addresses and look up their providers; the plain ones as `read_address` does.

    Examples
    --------
    >>> mails = read_addresses(("Ada+web@Acme.example", "Zoë@acme.example", "asdf", None))
    >>> mails.plain.tolist(), mails.user.to_pylist(), mails.domains, mails.providers.tolist()
    ([True, False, False, False], ['ada'], ['acme.example'], ['own domain'])
    """
    text = pc.ascii_lower(pa.array(emails, pa.string()))
    plain = pc.and_(pc.string_is_ascii(text), pc.less_equal(pc.binary_length(text), LONGEST))
    local, domain = partition(text.fill_null(""), "@", last=True)
    domain = pc.ascii_rtrim(domain, characters=".")
    plain = pc.and_(plain, pc.and_(pc.not_equal(local, ""), pc.not_equal(domain, ""))).fill_null(False)
    text, local, domain = (column.filter(plain) for column in (text, local, domain))
    user, tag = partition(local, "+")
    encoded = domain.dictionary_encode()
    domains = encoded.dictionary.to_pylist()
    providers = np.array([*map(provider_of, domains)], dtype=object)
    own = [registrable(name) if kind == "own domain" else None for name, kind in zip(domains, providers, strict=True)]
    return MailAddresses(
        np.asarray(plain),
        text,
        local,
        user,
        np.asarray(tag.is_valid()),
        domains,
        encoded.indices.to_numpy().astype(np.int64),
        providers,
        np.array(own, dtype=object),
    )


def providers_and_domains(emails: Sequence[str | None]) -> list[tuple[Provider | None, str | None]]:
    """Return provider and own domain of many addresses, as in `MailAddress`.

    Examples
    --------
    >>> providers_and_domains(["ada@mail.acme.example", "ada@gmail.com", "asdf", None])
    [('own domain', 'acme.example'), ('free', None), (None, None), (None, None)]
    """
    mails = read_addresses(tuple(emails))
    pairs = np.empty(len(mails.domains), dtype=object)
    pairs[:] = [*zip(mails.providers, mails.own_domains, strict=True)]
    return mails.by_row(pairs[mails.domain_of], lambda row: _provider_and_domain(emails[row]))


def _provider_and_domain(email: str | None) -> tuple[Provider | None, str | None]:
    return (None, None) if email is None else read_address(email)[-2:]


def domain_of(email: str | None) -> str | None:
    """Return the case-folded domain of an e-mail address, or None.

    Examples
    --------
    >>> domain_of("Ada@Acme.example"), domain_of("asdf"), domain_of(None)
    ('acme.example', None, None)
    """
    return None if email is None else read_address(email).domain or None
