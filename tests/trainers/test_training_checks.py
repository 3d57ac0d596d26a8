"""What is said against a training run before its first step, of real rows and real templates."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.trainers import tiny

Found = dict[str, dict[str, Any]]

GOOD = tiny.corrections()[:6]
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"a": None}}}],
}


def _model(folder: Path, template: str | None = None, **words: Any) -> Path:
    """The small model with something else in its tokenizer."""
    shutil.copytree(tiny.MODEL, folder)
    if template is None:
        (folder / "chat_template.jinja").unlink()
    else:
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    path = folder / "tokenizer_config.json"
    said = json.loads(path.read_text("utf-8")) | words
    path.write_text(json.dumps({k: v for k, v in said.items() if v is not None}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def checked(train_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """The findings of runs that have each something wrong with them."""
    folder = tmp_path_factory.mktemp("checked")
    template = (tiny.MODEL / "chat_template.jinja").read_text("utf-8")
    rows: list[tiny.Row] = [
        *GOOD,
        tiny.supervised("Shout: ", ""),
        tiny.supervised("Shout: abc", None),
        {"prompt": tiny.said("user", "a"), "completion": tiny.said("user", "b")},
        *[tiny.supervised("Shout: " + "a" * n, "A" * n) for n in range(40, 47)],
    ]
    replay = {"replay": tiny.replay()}
    late = template.replace("message.content + '<|im_end|>'", "message.content", 1)
    models = {
        "mute": _model(folder / "mute"),
        "endless": _model(folder / "endless", late),
        "otherwise": _model(
            folder / "otherwise",
            template.replace("assistant\\n' }}", "assistant: ' }}"),
        ),
        "unpadded": _model(folder / "unpadded", template, pad_token=None),
    }
    plans = {
        "fine": tiny.plan(folder / "fine", "sft", {"corrections": GOOD, **replay}),
        "rows": tiny.plan(folder / "rows", "sft", {"corrections": rows}, max_length=100),
        "machine": tiny.plan(
            folder / "machine", "sft", {"corrections": GOOD, **replay},
            dtype="bfloat16", quantize="nf4", lora={"targets": ["nowhere"]},
            packing="on", attention="flash_attention_2", report_to=["nobody"],
        ),
        "tools": tiny.plan(
            folder / "tools", "sft",
            {"corrections": [{"prompt": tiny.said("user", "a"), "completion": [CALL]}, *GOOD]},
        ),
        "pairs": tiny.plan(
            folder / "pairs", "dpo",
            {"pairs": [*tiny.pairs()[:3], {**tiny.pairs()[0], "rejected": tiny.said("assistant",
             tiny.FAILED[0][1])}], **replay},
        ),
        **{
            f"model {name}": tiny.plan(
                folder / f"model {name}", "sft", {"corrections": GOOD, **replay}, model=model
            )
            for name, model in models.items()
        },
    }  # fmt: skip
    done = subprocess.run(
        [train_python, Path(__file__).with_name("checking.py"), tiny.MAIN, *plans.values()],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=tiny.environment(),
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(plans, json.loads(done.stdout), strict=True))


def said(checked: Found, run: str) -> dict[str, str]:
    """The findings of a run by their codes: `level: message`."""
    return {
        each["code"]: f"{each['level']}: {each['message']}" for each in checked[run]["findings"]
    }


def test_nothing_against_a_good_run(checked: Found) -> None:
    assert checked["fine"]["findings"] == []
    facts = checked["fine"]["facts"]
    assert (facts["parameters"], facts["trainable"], facts["dtype"]) == (158336, 158336, "float32")
    assert facts["steps"] == {"sft": 6}
    assert facts["checkpoint"] == 12 * 158336


def test_rows(checked: Found) -> None:
    found = said(checked, "rows")
    places = ", ".join(f"data/corrections.jsonl:{n}" for n in range(10, 15))
    assert found["too_long"] == (
        "error: 7 rows: longer than `max_length`, 100 tokens, and would be cut or left out "
        f"({places}, …)."
    )
    assert "data/corrections.jsonl:7" in found["empty_answer"]
    assert "data/corrections.jsonl:8" in found["null_content"]
    assert "data/corrections.jsonl:9" in found["last_turn"]
    assert found["no_replay"].startswith("warning: No passes are replayed")
    levels = [each["level"] for each in checked["rows"]["findings"]]
    assert levels == sorted(levels)


def test_the_machine(checked: Found) -> None:
    found = said(checked, "machine")
    assert found["dtype"] == "error: `bfloat16` needs a GPU; here is none: use `float32` or `auto`."
    assert found["quantize"].startswith("error: `quantize` needs ")
    assert found["report_to"] == "error: The tracker `nobody` is unknown, or not installed."
    assert found["lora_targets"].startswith("error: LoRA cannot be put in: Target modules")
    assert {"packing", "attention"} <= found.keys()


def test_a_call_that_the_template_cannot_write(checked: Found) -> None:
    found = said(checked, "tools")
    assert found["template_fails"].startswith("error: 1 row: the chat template fails")
    assert "null_content" not in found


def test_pairs(checked: Found) -> None:
    assert said(checked, "pairs") == {
        "equal_pair": "error: 1 row: the chosen and the rejected answer are the same "
        "(data/pairs.jsonl:4)."
    }


def test_templates(checked: Found) -> None:
    assert said(checked, "model mute")["no_template"].startswith("error: ")
    assert said(checked, "model endless")["no_end"].startswith("warning: 22 rows: the token that")
    assert said(checked, "model otherwise")["prompt_no_prefix"].startswith("warning: 22 rows: ")
    assert said(checked, "model unpadded") == {
        "no_pad": "warning: The tokenizer has no padding token; `<|im_end|>` pads."
    }
