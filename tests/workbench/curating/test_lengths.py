"""Lengths in tokens and in characters, with tokenizers that are made here."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.example import Example, of_correction
from corrigenda.core.recipe import Recipe
from corrigenda.errors import InvalidInput
from corrigenda.exports import Kind
from corrigenda.workbench.curating import tokens
from corrigenda.workbench.curating.items import Item, Origin, Reason
from corrigenda.workbench.curating.lengths import Lengths, histogram, measuring

pytest.importorskip("transformers")

CHATTY = (
    "{% for message in messages %}<{{ message.role }}> {{ message.content }} </{{ message.role }}>"
    " {% endfor %}{% if tools %}tools {{ tools | tojson }}{% endif %}"
)
STRICT = "{{ raise_exception('Roles must alternate') }}"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is to be fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tokenizer that counts words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    place = tmp_path / "words-1b"
    place.mkdir()
    made.save(str(place / "tokenizer.json"))
    return place


def with_template(folder: Path, template: str) -> Path:
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return folder


def example(answer: str = "four it is", **fields: Any) -> Example:
    return of_correction(
        {
            "id": "a",
            "status": "approved",
            "prompt_messages": [{"role": "user", "content": "two plus two"}],
            "model_response": "a much longer answer that was wrong",
            "corrected_response": answer,
            **fields,
        }
    )


def item(item_id: str = "a") -> Item:
    return Item(1, item_id, 1, Origin.CORRECTION, b"", b"", b"", "", "none", "", "", "")


def length(measure: Lengths, of: Example) -> int:
    found = item()
    assert measure.examine(found, of, {}) is None
    return found.length


def measured(folder: Path, kind: Kind = Kind.SFT, **recipe: Any) -> Lengths:
    return measuring(Recipe(**recipe), kind, given=str(folder))[0]


def test_words_are_tokens(folder: Path) -> None:
    measure = measured(folder)
    assert length(measure, example()) == 6
    assert measure.warnings() == []
    assert measure.summary([])["unit"] == "tokens"
    assert measure.summary([])["tokenizer"] == "words-1b"


def test_the_chat_template_is_used(folder: Path) -> None:
    measure = measured(with_template(folder, CHATTY))
    assert length(measure, example()) == 10
    offered = example(tools=[{"type": "function", "function": {"name": "add"}}])
    assert length(measure, offered) > 11


def test_a_call_is_written_as_trainers_write_it(folder: Path) -> None:
    template = (
        "{% for m in messages %}{% for c in m.tool_calls or [] %}"
        "{% for key in c.function.arguments %}{{ key }} {% endfor %}{% endfor %}{% endfor %}"
    )
    call = {"function": {"name": "add", "arguments": json.dumps({"a": 2, "b": 3})}}
    called = example(corrected_parts={"tool_calls": [call]})
    assert length(measured(with_template(folder, template)), called) == 2


def test_the_longer_answer_of_a_pair_counts(folder: Path) -> None:
    assert length(measured(folder, Kind.PREFERENCE), example()) == 10
    assert length(measured(folder, Kind.UNPAIRED), example().as_negative()) == 10
    assert length(measured(folder, Kind.UNPAIRED), example()) == 6


def test_a_template_that_refuses(folder: Path) -> None:
    measure = measured(with_template(folder, STRICT))
    assert length(measure, example()) == 6
    (warning,) = measure.warnings()
    assert "`words-1b` does not take 1 examples (Roles must alternate)" in warning


def test_too_long(folder: Path) -> None:
    measure = measured(folder, max_length=5)
    assert measure.examine(item(), example(), {}) == (
        Reason.TOO_LONG,
        "It has 6 tokens, more than 5.",
    )
    assert measure.examine(item(), example("four"), {}) is None
    assert measure.summary([])["over"] == 1
    assert measure.warnings() == []


def test_long_ones_stay_where_they_shall(folder: Path) -> None:
    measure = measured(folder, max_length=5, keep_long=True)
    for number in range(12):
        assert measure.examine(item(f"a{number}"), example(), {}) is None
    (warning,) = measure.warnings()
    assert warning.startswith("Longer than 5 tokens, and would be cut off in training: 12 (`a0`")
    assert warning.endswith("`a9`, …).")


def test_characters_without_a_tokenizer() -> None:
    measure, tokenizer = measuring(Recipe(max_length=100), Kind.SFT)
    assert tokenizer is None
    assert length(measure, example()) == len("two plus two" + "four it is")
    parts = [{"type": "text", "text": "two"}, {"type": "text", "text": "more"}]
    assert length(measure, example(prompt_messages=[{"role": "user", "content": parts}])) == 17
    assert measure.summary([])["unit"] == "characters"
    assert measure.warnings() == [
        "Lengths are counted in characters, since no tokenizer was given."
    ]
    assert measuring(Recipe(), Kind.SFT)[0].warnings() == []


def test_a_configured_tokenizer_that_is_gone_is_said(tmp_path: Path) -> None:
    measure, tokenizer = measuring(Recipe(), Kind.SFT, configured="nobody/nothing")
    assert tokenizer is None
    (warning,) = measure.warnings()
    assert warning == (
        "Lengths are counted in characters: the tokenizer `nobody/nothing` cannot be read."
    )
    (tmp_path / "tokenizers").mkdir()
    measure, _ = measuring(Recipe(), Kind.SFT, configured=str(tmp_path / "tokenizers"))
    (warning,) = measure.warnings()
    assert "`tokenizers`" in warning
    assert str(tmp_path) not in warning  # it is written into manifests
    measure, _ = measuring(Recipe(), Kind.SFT, configured=str(tmp_path))
    assert "cannot be read" in measure.warnings()[0]


@pytest.mark.parametrize(
    "name", ["nobody/nothing", "gpt2", "/nowhere", "../x", "", "a\x00b", "é b"]
)
def test_what_is_no_tokenizer_here(name: str) -> None:
    with pytest.raises(InvalidInput, match="tokenizer"):
        tokens.load(name)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"model": {"type": "Nothing"}}', "\x00"])
def test_a_broken_tokenizer(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be read") as refusal:
        tokens.load(str(tmp_path))
    assert "\n" not in refusal.value.message


def test_no_code_of_a_model_is_run(tmp_path: Path) -> None:
    auto = {"auto_map": {"AutoTokenizer": ["evil.Evil", "evil.Evil"]}, "tokenizer_class": "Evil"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(auto), encoding="utf-8")
    (tmp_path / "evil.py").write_text("raise SystemExit('run')\n", encoding="utf-8")
    with pytest.raises(InvalidInput):
        tokens.load(str(tmp_path))


def test_the_hash_is_that_of_the_files(folder: Path, tmp_path: Path) -> None:
    first = tokens.load(str(folder))
    assert tokens.load(str(folder / "tokenizer.json")) is first
    copy = tmp_path / "elsewhere" / "words-1b"
    copy.mkdir(parents=True)
    (copy / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    (copy / "README.md").write_text("Words\n", encoding="utf-8")
    assert tokens.load(str(copy)).as_json() == first.as_json()
    with_template(folder, CHATTY)
    assert tokens.load(str(folder)).sha256 != first.sha256


def test_loading_is_silent_and_needs_no_torch(folder: Path) -> None:
    program = (
        "import sys\n"
        "from corrigenda.workbench.curating import tokens\n"
        "print(tokens.load(sys.argv[1]).of_text('a b c'), 'torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, folder],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("3 False\n", "")


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_histograms(lengths: list[int]) -> None:
    found = histogram({each: lengths.count(each) for each in lengths})
    bins = found["bins"]
    for each in bins:
        assert each["n"] == sum(each["from"] <= n < each["to"] for n in lengths)
    assert sum(each["n"] for each in bins) == len(lengths)
    assert [each["to"] for each in bins[:-1]] == [each["from"] for each in bins[1:]]
    assert bins[0]["n"]
    assert bins[-1]["n"]
    ordered = sorted(lengths)
    assert found["max"] == ordered[-1]
    assert found["median"] == ordered[(len(lengths) - 1) // 2]
    assert sum(n <= found["p95"] for n in lengths) >= 0.95 * len(lengths)


def test_an_empty_histogram() -> None:
    assert histogram({}) == {"bins": [], "median": None, "p95": None, "max": None}
