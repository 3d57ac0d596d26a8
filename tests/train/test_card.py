import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from corrigenda.errors import InvalidInput, NotFound
from corrigenda.train import card
from corrigenda.train.plan import BaseModel, Data, DataFile, Lora, TrainOptions, TrainPlan

HOSTILE = "</a>\n---\n# Free licence `x` | y"
ABOUT: dict[str, Any] = {
    "exports": [
        {
            "name": "v1",
            "digest": "d" * 64,
            "manifest": {
                "recipe": {"format": "prompt_completion"},
                "contaminated": None,
                "runs": [{"run_id": "base", "rows": 40, "licenses": ["MIT"]}],
            },
        }
    ],
    "counts": {
        "corrections": {"category": {"wrong_answer": 30, HOSTILE: 10}, "task": {"gsm8k": 40}},
        "replay": {"category": {"pass": 16}, "task": {"gsm8k": 16}},
        "validation": {"category": {"wrong_answer": 9}},
    },
}
REPORT = {
    "finished": True,
    "stages": [
        {"stage": "sft", "steps": 40, "max_steps": 40, "loss_first": 1.23456, "loss_last": 0.0123,
         "tokens_per_s": 5400.4, "flops_share": None}
    ],
    "weights_sha256": "e" * 64,
    "versions": {"torch": "2.13.0", "trl": "1.16.0"},
    "device": "cpu",
}  # fmt: skip


def plan(**more: Any) -> TrainPlan:
    values = {
        "name": "shout",
        "created_at": "2026-11-23T10:00:00.000000Z",
        "method": "sft",
        "model": BaseModel("/home/kim/models/base", sha256={"model.safetensors": "a" * 64}),
        "data": Data(
            corrections=DataFile("data/corrections.jsonl", 40, "b" * 64),
            replay=DataFile("data/replay.jsonl", 16, "c" * 64),
        ),
        "exports": ({"name": "v1", "format": "prompt_completion", "digest": "d" * 64},),
        "options": TrainOptions(max_steps=40),
    }
    return TrainPlan(**{**values, **more})


def head(text: str) -> Any:
    _, found, _ = text.split("---\n", 2)
    return YAML(typ="safe").load(found)


def test_it_says_what_the_model_is_made_of() -> None:
    text = card.card(plan(), REPORT, ABOUT)
    for said in (
        "# `shout`", "Trained from `base`", "- 40 corrections", "- 16 passes that are replayed",
        "d" * 64, "| `wrong_answer` | 30 |", "| `gsm8k` | 40 | 16 |", "40 of 40 steps",
        "loss 1.23 → 0.0123", "5400 tokens/s", "`max_steps 40`", "e" * 64, "`torch` `2.13.0`",
        "## Licence\n\nNot chosen.", "`MIT`", "None yet.",
    ):  # fmt: skip
        assert said in text
    assert "/home/kim" not in text
    assert head(text) == {
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["corrigenda", "trl", "sft"],
    }


def test_names_of_strangers_stay_names() -> None:
    lines = card.card(plan(name=HOSTILE), REPORT, ABOUT).splitlines()
    assert not [line for line in lines if line.startswith(("# Free", "</a>"))]
    assert lines.count("---") == 2
    (row,) = [line for line in lines if "Free licence" in line and line.startswith("|")]
    assert row.replace(r"\|", "").count("|") == 3


def test_an_adapter_says_of_what() -> None:
    options = TrainOptions(lora=Lora(), quantize="nf4")
    text = card.card(plan(model=BaseModel("org/base", "abc"), options=options), REPORT, ABOUT)
    assert head(text)["library_name"] == "peft"
    assert head(text)["base_model"] == "org/base"
    assert "An adapter (LoRA) for `org/base@abc`" in text
    assert 'PeftModel.from_pretrained(model, "model")' in text


def test_what_is_contaminated_is_said_first() -> None:
    export = ABOUT["exports"][0]
    manifest = {**export["manifest"], "contaminated": {"rows": 2, "sets": ["gsm8k"]}}
    text = card.card(plan(), REPORT, {**ABOUT, "exports": [{**export, "manifest": manifest}]})
    assert text.index("**Contaminated: `v1`") < text.index("## Use")


def test_without_passes_it_says_so() -> None:
    data = Data(corrections=DataFile("data/corrections.jsonl", 40, "b" * 64))
    assert "- no passes" in card.card(plan(data=data), REPORT, {})


def test_an_evaluation_takes_its_place_and_another_one_that_of_the_first() -> None:
    text = card.card(plan(), REPORT, ABOUT)
    once = card.with_evaluation(text, "# Comparison\n\n```\n# no heading\n```\n\n## Outcomes\n")
    assert "\n### Comparison\n\n```\n# no heading\n```\n\n#### Outcomes\n" in once
    assert "None yet." not in once
    assert card.with_evaluation(once, "Nothing.") == card.with_evaluation(text, "Nothing.")
    assert once.replace("\n", "").startswith(text.partition("<!--")[0].replace("\n", ""))


def test_a_card_without_a_place_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no place for an evaluation"):
        card.with_evaluation("# Mine", "Fine.")


def test_it_lies_beside_the_model_and_in_it_and_keeps_its_evaluation(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / card.EXPORTS).write_text(json.dumps(ABOUT), "utf-8")
    path = card.write(tmp_path, plan(), REPORT)
    path.write_text(card.with_evaluation(path.read_text("utf-8"), "All fixed."), "utf-8")
    card.write(tmp_path, plan(), REPORT)
    assert "All fixed." in path.read_text("utf-8")
    assert (tmp_path / "model/README.md").read_bytes() == path.read_bytes()


def test_an_evaluation_gets_into_every_card(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model card"):
        card.put_evaluation(tmp_path, "All fixed.")
    (tmp_path / "model").mkdir()
    (tmp_path / "merged").mkdir()
    path = card.write(tmp_path, plan(), REPORT)
    mine = tmp_path / "merged" / "README.md"
    mine.write_text("Ours, with a licence.", "utf-8")
    found = card.put_evaluation(tmp_path, "# Comparison\n\nAll fixed.")
    assert found == [path, tmp_path / "model" / "README.md"]
    assert all("\n### Comparison\n\nAll fixed.\n" in each.read_text("utf-8") for each in found)
    assert mine.read_text("utf-8") == "Ours, with a licence."
    card.write(tmp_path, plan(), {**REPORT, "device": "another"})  # they are still ours
    for each in found:
        assert "another" in each.read_text("utf-8")
        assert "All fixed." in each.read_text("utf-8")
        each.write_text("Mine.", "utf-8")
    with pytest.raises(InvalidInput, match="no place"):
        card.put_evaluation(tmp_path, "All fixed.")


def test_what_people_write_into_a_card_stays(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    path = card.write(tmp_path, plan(), REPORT)
    inner = tmp_path / "model/README.md"
    inner.write_text("Ours, with a licence.", "utf-8")
    card.write(tmp_path, plan(), {**REPORT, "device": "another"})
    assert inner.read_text("utf-8") == "Ours, with a licence."
    assert "another" in path.read_text("utf-8")
    path.write_text("Edited.", "utf-8")
    inner.unlink()
    card.write(tmp_path, plan(), REPORT)
    assert path.read_text("utf-8") == "Edited."
    assert inner.read_text("utf-8") == card.card(plan(), REPORT, {})


def test_no_reviewer_is_named() -> None:
    recipe = {"format": "messages", "filter": {"reviewer": ["kim"], "tag": ["easy"]}}
    export = {**ABOUT["exports"][0], "manifest": {"recipe": recipe}}
    text = card.card(plan(), REPORT, {"exports": [export]})
    assert "easy" in text
    assert "kim" not in text.replace("/home/kim", "")


def test_a_second_round_is_called_after_the_first(tmp_path: Path) -> None:
    plan(name="round-1").write(tmp_path)
    second = plan(model=BaseModel(str(tmp_path / "model"), sha256={}))
    assert "Trained from `round-1`" in card.card(second, REPORT, {})
