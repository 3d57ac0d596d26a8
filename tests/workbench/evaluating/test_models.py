"""Which model it is: by its files, its name among the downloaded ones, its adapter's base."""

import json
from pathlib import Path

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.workbench.evaluating.models import at_endpoint, on_this_machine


def model(folder: Path, weights: bytes = b"w", file: str | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", "utf-8")
    (folder / "tokenizer_config.json").write_text("{}", "utf-8")
    (folder / "model.safetensors").write_bytes(weights)
    if file is not None:
        (folder / file).write_text("{}", "utf-8")
    return folder


def adapter(folder: Path, base: str) -> Path:
    folder.mkdir(parents=True)
    said = json.dumps({"base_model_name_or_path": base})
    (folder / "adapter_config.json").write_text(said, "utf-8")
    (folder / "adapter_model.safetensors").write_bytes(b"a")
    return folder


def test_its_identity_is_what_its_answers_depend_on(tmp_path: Path) -> None:
    one = on_this_machine(str(model(tmp_path / "one")))
    same = on_this_machine(str(model(tmp_path / "same", file="README.md")))
    assert one.identity == same.identity
    assert (one.name, one.model_id) == ("one", f"one@{one.identity[:12]}")
    others = [
        model(tmp_path / "weights", b"x"),
        model(tmp_path / "template", file="chat_template.jinja"),
        model(tmp_path / "ends", file="generation_config.json"),
    ]
    found = {on_this_machine(str(each)).identity for each in others}
    assert len(found | {one.identity}) == 4


def test_an_adapter_and_its_base(tmp_path: Path) -> None:
    base = model(tmp_path / "base")
    found = on_this_machine(str(adapter(tmp_path / "tuned", str(base))))
    assert found.place == {
        "base": str(base), "adapter": str(tmp_path / "tuned"), "tokenizer": str(base)
    }  # fmt: skip
    (tmp_path / "tuned/tokenizer_config.json").write_text("{}", "utf-8")
    again = on_this_machine(str(tmp_path / "tuned"))
    assert again.place is not None
    assert again.place["tokenizer"] == str(tmp_path / "tuned")
    assert "adapter/adapter_model.safetensors" in again.told["weights_sha256"]


def test_a_training_run(tmp_path: Path) -> None:
    run = tmp_path / "run-1"
    model(run / "model")
    (run / "run.json").write_text("{}", "utf-8")
    found = on_this_machine(str(run))
    assert (found.name, found.told["path"]) == ("run-1", str(run / "model"))
    (run / "model").rename(run / "gone")
    with pytest.raises(InvalidInput, match="has no model yet"):
        on_this_machine(str(run))


def test_one_that_was_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--Qwen--Small"
    model(folder / "snapshots/0a1b")
    (folder / "refs").mkdir()
    (folder / "refs/main").write_text("0a1b", "utf-8")
    assert on_this_machine("Qwen/Small").name == "Qwen/Small"
    assert on_this_machine(str(adapter(tmp_path / "tuned", "Qwen/Small"))).place is not None


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Path.exists, "There is no model"),
        (lambda path: path.mkdir(), "has no `config.json`"),
        (lambda path: (model(path) / "model.safetensors").unlink(), "no weights as safetensors"),
        (lambda path: adapter(path, "no/where"), "is not on this machine: `no/where`"),
        (lambda path: (adapter(path, "x") / "adapter_config.json").write_text("[]"), "not name"),
    ],
)  # fmt: skip
def test_what_is_no_model(tmp_path: Path, made: object, said: str) -> None:
    assert callable(made)
    made(tmp_path / "model")
    with pytest.raises(InvalidInput, match=said):
        on_this_machine(str(tmp_path / "model"))


def test_at_an_endpoint_it_is_address_and_name() -> None:
    one = at_endpoint("http://h/v1", "small")
    assert one.identity == at_endpoint("http://h/v1/", "small").identity
    assert one.identity != at_endpoint("http://h/v1", "large").identity
    assert one.identity != at_endpoint("http://i/v1", "small").identity
