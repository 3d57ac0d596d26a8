"""What a tokenizer's chat template makes of rows, before a trainer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corrigenda.train.findings import Finding, error, found, warning
from corrigenda.train.rows import COMPLETIONS, Row


@dataclass(frozen=True)
class Rendered:
    """What came of rendering rows: the findings, and the rows that a trainer can read."""

    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]


def check(words: Any, rows: Sequence[Row]) -> Rendered:
    """Render each row as a trainer does: its prompt, and its prompt with each answer."""
    if not words.chat_template:
        message = "The tokenizer has no chat template, without which no message can be trained on."
        return Rendered((error("no_template", message),), ())
    failed: dict[str, str] = {}
    shifted, fine = [], []
    for row in rows:
        try:
            if not all(_continues(words, row, answer) for answer in COMPLETIONS[row.use]):
                shifted.append(row.place)
            fine.append(row)
        except _template_errors() as problem:
            failed[row.place] = str(problem).strip().split("\n")[0]
    reason = next(iter(failed.values()), "")
    findings = [
        *found("error", "template_fails", f"the chat template fails, “{reason}”", [*failed]),
        *found(
            "warning",
            "prompt_no_prefix",
            "the chat template writes the prompt otherwise when the answer follows, so that the "
            "model is trained on another context than it is asked with",
            shifted,
        ),
    ]
    if words.eos_token is None:
        findings.append(error("no_eos", "The tokenizer has no token that ends an answer."))
    elif words.pad_token is None:
        findings.append(
            warning("no_pad", f"The tokenizer has no padding token; `{words.eos_token}` pads.")
        )
    return Rendered(tuple(findings), tuple(fine))


def _template_errors() -> tuple[type[Exception], ...]:
    # A template may fail with its own error, or with those of the operations in it.
    from jinja2 import TemplateError

    return (TemplateError, TypeError, ValueError, LookupError, AttributeError)


def _continues(words: Any, row: Row, answer: str) -> bool:
    tools = row.data.get("tools") or None
    prompt, messages = row.data["prompt"], row.data["prompt"] + row.data[answer]
    start = words.apply_chat_template(
        prompt, tools=tools, tokenize=False, add_generation_prompt=True
    )
    whole = words.apply_chat_template(messages, tools=tools, tokenize=False)
    return str(whole).startswith(str(start))
