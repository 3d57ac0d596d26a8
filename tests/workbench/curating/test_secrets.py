"""Secrets in rows: listed, left out or replaced; and what is said where nobody can look."""

from typing import Any

import pytest

from corrigenda.core.example import Example, of_correction
from corrigenda.core.recipe import Recipe
from corrigenda.errors import InvalidInput
from corrigenda.exports import Row
from corrigenda.workbench import redacting
from corrigenda.workbench.curating.items import Item, Origin, Reason
from corrigenda.workbench.curating.secrets import looking

MAIL = "kim@example.org"


@pytest.fixture
def detectors() -> None:
    pytest.importorskip("presidio_analyzer")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redacting, "available", lambda: False)


def example(**fields: Any) -> Example:
    return of_correction(
        {
            "id": MAIL,
            "prompt_messages": [{"role": "user", "content": "Who?"}],
            "model_response": "Lee",
            "corrected_response": "Kim",
            "status": "approved",
            **fields,
        }
    )


def row(of: Example) -> Row:
    return {"id": of.id, "messages": [*of.prompt, of.answer]}


def item(name: str = "a") -> Item:
    return Item(1, name, 1, Origin.CORRECTION, b"", b"", b"", "", "none", "", "", "")


def test_off() -> None:
    assert looking(Recipe()) == (None, None)


@pytest.mark.usefixtures("detectors")
def test_listed() -> None:
    secrets, rewrite = looking(Recipe(secrets="list"))
    assert secrets is not None
    assert rewrite is None
    clean, found = example(), example(corrected_response=f"Ask {MAIL}")
    assert secrets.examine(item("clean"), clean, row(clean)) is None
    assert secrets.warnings() == []
    for number in range(12):
        assert secrets.examine(item(f"a{number}"), found, row(found)) is None
    assert secrets.n == 12
    (warning,) = secrets.warnings()
    assert "may be in 12 rows that go out (EMAIL_ADDRESS in 12): `a0`, `a1`" in warning
    assert "`a9`, …. Leave them out with" in warning


@pytest.mark.usefixtures("detectors")
def test_left_out() -> None:
    secrets, _ = looking(Recipe(secrets="drop"))
    assert secrets is not None
    found = example(
        corrected_response=f"Ask {MAIL}, or call +44 20 7946 0958",
        prompt_messages=[
            {"role": "system", "content": "x"},
            {"role": "user", "content": [{"type": "text", "text": MAIL}]},
        ],
    )
    assert secrets.examine(item(), found, row(found)) == (
        Reason.SECRET,
        "It has EMAIL_ADDRESS in `messages[1].content[0].text`, `messages[2].content`; "
        "PHONE_NUMBER in `messages[2].content`.",
    )
    assert secrets.examine(item(), example(), row(example())) is None
    assert (secrets.n, secrets.warnings()) == (1, [])


@pytest.mark.usefixtures("detectors")
def test_replaced() -> None:
    secrets, rewrite = looking(Recipe(secrets="redact"))
    assert secrets is not None
    assert rewrite is not None
    clean = example()
    assert rewrite(clean) is clean
    changed = rewrite(
        example(
            corrected_response=f"Ask {MAIL}",
            model_response=f"Mail {MAIL}",
            tools=[{"function": {"name": "mail", "description": f"To {MAIL}"}}],
            metadata={MAIL: MAIL},
        )
    )
    assert changed.answer == {"role": "assistant", "content": "Ask [EMAIL_ADDRESS]"}
    assert changed.rejected == {"role": "assistant", "content": "Mail [EMAIL_ADDRESS]"}
    assert changed.tools[0]["function"]["description"] == "To [EMAIL_ADDRESS]"
    assert changed.record["corrected_response"] == "Ask [EMAIL_ADDRESS]"
    assert changed.record["metadata"] == {MAIL: "[EMAIL_ADDRESS]"}
    # What tells samples from each other stays.
    assert changed.record["id"] == changed.id == MAIL
    assert secrets.examine(item(), changed, row(changed)) is None
    assert secrets.warnings() == []


@pytest.mark.usefixtures("without")
def test_without_detectors_listing_is_a_warning() -> None:
    secrets, rewrite = looking(Recipe(secrets="list"))
    assert secrets is not None
    assert not secrets.checked
    assert rewrite is None
    found = example(corrected_response=MAIL)
    assert secrets.examine(item(), found, row(found)) is None
    assert secrets.warnings() == [
        "Nothing was looked through for secrets and personal data, since the detectors are "
        "missing: install `corrigenda[redact]`."
    ]


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("mode", ["drop", "redact"])
def test_without_detectors_the_others_are_refused(mode: str) -> None:
    with pytest.raises(InvalidInput, match=rf"`secrets: {mode}` needs .* install `corrigenda\[red"):
        looking(Recipe(secrets=mode))
