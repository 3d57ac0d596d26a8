"""Secrets and personal data: found in a text, and replaced where they must not be kept.

Personal data that has a form (addresses of mail, cards, accounts, telephone numbers, IP addresses,
social security numbers) is found by Presidio, secrets (keys, tokens, passwords) by
detect-secrets. Names of people have no form, and are not found. Both come with the extra
`corrigenda[redact]`.

    >>> redactor()("Mail kim@example.org")                        # doctest: +SKIP
    'Mail [EMAIL_ADDRESS]'
    >>> detector()("Mail kim@example.org")                        # doctest: +SKIP
    [(5, 20, 'EMAIL_ADDRESS')]

A detector takes far longer than a look for what every finding of it must have in it (an `@`, the
letters `key`, …), so that is what comes first. Nothing is found or missed by that.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.workbench.quiet import quiet

Span = tuple[int, int, str]
"""Start, end and kind of what was found in a text."""

Finder = Callable[[str], Iterable[Span]]

NEEDED = "install `corrigenda[redact]`"
"""What to do where the detectors are missing."""

Check = Callable[[str], object]
"""Whether there can be anything in a text; true if in doubt."""

_CARD = re.compile(r"\d{4}[- ]?\d{3}")
_DOTTED = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]")
_SSN = re.compile(r"[0-9]{3}[- .][0-9]{2}[- .][0-9]{4}")
_LONG_WORD = re.compile(r"[A-Za-z0-9]{26}")
# What stands between the digits of a telephone number is at most four characters of punctuation.
_PHONE = re.compile(r"[+\uff0b][^\d+=]{0,9}\d(?:[^\d+=]{0,4}\d){4}")

_KINDS: dict[str, Check] = {
    "EmailRecognizer": lambda text: "@" in text,
    "CreditCardRecognizer": _CARD.search,
    "IbanRecognizer": bool,
    "IpRecognizer": lambda text: "::" in text or text.count(":") > 6 or _DOTTED.search(text),
    "UsSsnRecognizer": _SSN.search,  # its other forms are never sure
    "CryptoRecognizer": _LONG_WORD.search,
}
_SURE = 0.4
"""Presidio's score from which a finding counts; without words around it a number has less."""

# Those that look at how random a text is take every hash and every long word for a secret.
_RANDOMNESS = ("Base64HighEntropyString", "HexHighEntropyString")
_PASSWORD = "KeywordDetector"

# Keys of services that detect-secrets does not know (or only in an older form), and passwords
# without quotes, which it looks for in files of settings alone.
_KEYS = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{35}|glpat-[A-Za-z0-9_-]{20,})"
)
_KEYS_NEED = ("sk-", "hf_", "aiza", "glpat-")
_SAID = re.compile(r"(?i)\b(?:password|passwd|pwd|api[_-]?key)\s*[=:]\s*([^\s\"',;]{6,})")


_SAID_NEEDS = ("pass", "pwd", "key")

_NAMED = ("key", "pw", "pass", "token")
_NEEDS = {
    "ARTIFACTORY_CREDENTIALS": ("akc", "ap"),
    "CLOUDANT_CREDENTIALS": (*_NAMED, "cloudant"),
    "IBM_CLOUD_IAM_KEY": _NAMED,
    "IBM_COS_HMAC_CREDENTIALS": ("key",),
    "MAILCHIMP_ACCESS_KEY": ("-us",),
    "SOFTLAYER_CREDENTIALS": (*_NAMED, "softlayer"),
}
"""What of a kind of key a text must have one of, in small letters; others are always looked for."""

_STEMS = ("key", "pass", "pwd", "secret", "contrase")
_QUOTES = re.compile("['\"`]")


def available() -> bool:
    """Whether the detectors are installed."""
    return all(find_spec(name) is not None for name in ("presidio_analyzer", "detect_secrets"))


def detector() -> Finder:
    """A function that finds secrets and personal data; the spans may overlap.

    Raises:
        InvalidInput: The detectors are not installed.
    """
    if not available():
        raise InvalidInput(f"Finding secrets and personal data needs detectors: {NEEDED}.")
    finders = (_personal(), _secrets())
    return lambda text: [span for find in finders for span in find(text)]


def redactor() -> Callable[[str], str]:
    """A function that replaces what must not be stored by its kind in brackets.

    Raises:
        InvalidInput: The detectors are not installed.
    """
    if not available():
        raise InvalidInput(f"Redacting needs detectors: {NEEDED}.")
    find = detector()
    return lambda text: replaced(text, find(text))


def replaced(text: str, spans: Iterable[Span]) -> str:
    """The text with its spans replaced, the longest where they overlap.

    Example:
        >>> replaced("Mail kim@example.org", [(5, 20, "EMAIL_ADDRESS")])
        'Mail [EMAIL_ADDRESS]'
    """
    made, at = [], 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            made += [text[at:start], f"[{kind}]"]
            at = end
        at = max(at, end)
    return "".join([*made, text[at:]])


@lru_cache(maxsize=1)
def _personal() -> Finder:
    with quiet():
        import tldextract
        from presidio_analyzer import predefined_recognizers as known

        # Left to itself it would fetch the list of top-level domains; it brings one along.
        tldextract.extract = tldextract.TLDExtract(  # type: ignore[assignment]  # a function
            suffix_list_urls=(), cache_dir=None
        )
        found = [(check, getattr(known, name)()) for name, check in _KINDS.items()]
        # Only what is written with `+` is surely a telephone number: answers are full of digits.
        found.append((_PHONE.search, known.PhoneRecognizer(supported_regions=["ZZ"])))

    def find(text: str) -> Iterable[Span]:
        for check, recognizer in found:
            if not check(text):
                continue
            entities = recognizer.supported_entities
            for result in recognizer.analyze(text=text, entities=entities, nlp_artifacts=None):
                if result.score >= _SURE:
                    yield result.start, result.end, result.entity_type

    return find


@lru_cache(maxsize=1)
def _secrets() -> Finder:
    from detect_secrets.plugins.keyword import DENYLIST, KeywordDetector

    patterns, passwords = _token_patterns(), KeywordDetector()
    assert all(any(stem in word for stem in _STEMS) for word in DENYLIST)

    def find(text: str) -> Iterable[Span]:
        small = text.casefold()  # as what looks without regard to case takes it
        for label, needs, pattern in patterns:
            if not needs or _has(small, needs):
                for match in pattern.finditer(text):
                    yield match.start(), match.end(), label
        if _has(small, _SAID_NEEDS):
            for match in _SAID.finditer(text):
                yield match.start(1), match.end(1), "SECRET"
        if _has(small, _STEMS) and _QUOTES.search(text):
            yield from _passwords(text, passwords)

    return find


def _passwords(text: str, detector: Any) -> Iterable[Span]:
    """What stands behind a word such as `password`; the detector looks at one line."""
    offset = 0
    for line in text.splitlines(keepends=True):
        for secret in detector.analyze_string(line):
            at = line.find(secret)
            if at >= 0:
                yield offset + at, offset + at + len(secret), "SECRET"
        offset += len(line)


def _has(small: str, needs: Iterable[str]) -> bool:
    return any(each in small for each in needs)


def _token_patterns() -> list[tuple[str, tuple[str, ...], re.Pattern[str]]]:
    """Label, needs (see `_NEEDS`) and pattern of each kind of key or token that has a form."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.settings import default_settings

    patterns: list[tuple[str, tuple[str, ...], re.Pattern[str]]] = [("API_KEY", _KEYS_NEED, _KEYS)]
    with default_settings():
        known: dict[str, Any] = get_mapping_from_secret_type_to_class()
        for kind, detector in known.items():
            if detector.__name__ in (*_RANDOMNESS, _PASSWORD, "IPPublicDetector"):
                continue
            label = re.sub(r"\W+", "_", kind.upper()).strip("_")
            needs = _NEEDS.get(label, ())
            patterns += [(label, needs, each) for each in getattr(detector, "denylist", ())]
    return patterns
