r"""The model card: a trained model's `README.md`.

It says what the model was made of and how, with the head that the Hugging Face Hub reads
(https://huggingface.co/docs/hub/model-cards), and has a place for the evaluation:

    <!-- evaluation -->
    None yet: …
    <!-- /evaluation -->

The licence is left to whoever publishes the model. The head holds words of our own alone. What
comes from records and names stands below it in code spans.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput, NotFound
from corrigenda.train.files import read_json
from corrigenda.train.plan import FILE as PLAN
from corrigenda.train.plan import TrainOptions, TrainPlan
from corrigenda.train.results import MERGED, MODEL

CARD = "README.md"

EXPORTS = "exports.json"
"""The manifests of a run's exports, and counts of the rows that it trains on, by their use."""

_WRITTEN = ".card.sha256"
_BEGIN, _END = "<!-- evaluation -->", "<!-- /evaluation -->"
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_HEADING = re.compile(r"#{1,6} ")
_MOST = 50
_USES = {
    "corrections": "corrections",
    "replay": "passes that are replayed",
    "pairs": "pairs of a better and a worse answer",
}
_DIMENSIONS = {
    "category": "Failure categories",
    "task": "Tasks",
    "model": "Models that gave the answers",
}
_METHODS = {
    "sft": "supervised fine-tuning on the corrected turn alone",
    "dpo": "preference training (DPO) with a supervised term",
    "sft-dpo": "supervised fine-tuning, then preference training (DPO) with a supervised term",
}


def card(plan: TrainPlan, report: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    """The card of a model.

    Args:
        plan: Of its training.
        report: What the trainer said at its end (`report.json`).
        about: What `EXPORTS` says; see `corrigenda.workbench.training`.
    """
    sections = [
        _first(plan, about),
        _section("Use", _use(plan)),
        _section("Evaluation", [_BEGIN, _none(plan), _END]),
        _section("Trained on", _rows(plan, about)),
        *(_section(title, _counts(about, name)) for name, title in _DIMENSIONS.items()),
        _section("How", _how(plan, report)),
        _section("Versions", _listed(report.get("versions") or {})),
        _section("Licence", [_licence(about)]),
    ]
    return "\n".join([*_head(plan), "", *(line for lines in sections for line in lines)]) + "\n"


def with_evaluation(text: str, markdown: str) -> str:
    """A card with an evaluation in its place; one that was there is replaced.

    Headings go two levels down, below the section's own.

    Args:
        text: The card.
        markdown: Such as `corrigenda compare --format markdown` writes.

    Raises:
        InvalidInput: The card has no place for it.
    """
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    if not _has_place(text):
        raise InvalidInput(f"The card has no place for an evaluation (`{_BEGIN}` … `{_END}`).")
    inner = "\n".join(_lowered(markdown.replace(_BEGIN, "").replace(_END, "").splitlines()))
    return f"{before}{_BEGIN}\n{inner.strip()}\n{_END}{after}"


def write(folder: Path, plan: TrainPlan, report: Mapping[str, Any]) -> Path:
    """Write the card of a finished run, beside its model and into it.

    A card that somebody has edited since stays as it is. An evaluation that the one beside the
    model has already gets into the others.
    """
    try:
        about = json.loads((folder / EXPORTS).read_text("utf-8"))
    except (OSError, ValueError):  # a run that somebody made by hand
        about = {}
    text = card(plan, report, about)
    path = folder / CARD
    if path.is_file() and (found := _evaluation(path.read_text("utf-8"))) is not None:
        before, _, rest = text.partition(_BEGIN)
        text = f"{before}{_BEGIN}{found}{_END}{rest.partition(_END)[2]}"
    written = folder / _WRITTEN
    last = written.read_text("ascii") if written.is_file() else None
    for place in (path, folder / MODEL / CARD, folder / MERGED / CARD):
        ours = not place.exists() or sha256(place.read_bytes()).hexdigest() == last
        if place.parent.is_dir() and ours:
            place.write_text(text, "utf-8")
    written.write_text(sha256(text.encode()).hexdigest(), "ascii")
    return path


def put_evaluation(folder: Path, markdown: str) -> list[Path]:
    """Put an evaluation into the cards of a finished training that have a place for it.

    All else in them stays.

    Args:
        folder: Of the training.
        markdown: See `with_evaluation`.

    Returns:
        The cards.

    Raises:
        NotFound: It has none, since it is not finished.
        InvalidInput: None of them has a place for it.
    """
    there = [folder / CARD, folder / MODEL / CARD, folder / MERGED / CARD]
    texts = {path: path.read_text("utf-8") for path in there if path.is_file()}
    if not texts:
        raise NotFound(f"There is no model card in `{folder}`: name the folder of a training.")
    # Somebody may have written a card anew; if all of them are, the first one's error is told.
    chosen = {path: text for path, text in texts.items() if _has_place(text)} or texts
    cards = {path: with_evaluation(text, markdown) for path, text in chosen.items()}
    written = folder / _WRITTEN
    last = written.read_text("ascii") if written.is_file() else None
    for path, text in cards.items():
        ours = sha256(path.read_bytes()).hexdigest() == last
        path.write_text(text, "utf-8")
        if ours:  # and not edited since
            written.write_text(sha256(text.encode()).hexdigest(), "ascii")
    return list(cards)


def code(name: object) -> str:
    r"""A name as a code span on one line, whatever is in it.

    Example:
        >>> code("gsm8k"), code("a`b\nc")
        ('`gsm8k`', '``a`b c``')
    """
    text = " ".join(str(name).split())
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{space}{text or '?'}{space}{ticks}"


def _head(plan: TrainPlan) -> list[str]:
    lora = plan.options.lora is not None
    lines = ["---", f"library_name: {'peft' if lora else 'transformers'}"]
    if plan.model.sha256 is None:  # a name on the Hub, which a path is not
        lines.append(f"base_model: {json.dumps(plan.model.path)}")
    tags = ["corrigenda", "trl", *plan.stages, *(["lora"] if lora else [])]
    return [
        *lines,
        "pipeline_tag: text-generation",
        "tags:",
        *(f"- {tag}" for tag in tags),
        "---",
    ]


def _first(plan: TrainPlan, about: Mapping[str, Any]) -> list[str]:
    what = "An adapter (LoRA) for" if plan.options.lora else "Trained from"
    made = f"{datetime.fromisoformat(plan.created_at):%Y-%m-%d}"
    lines = [
        f"# {code(plan.name)}",
        "",
        f"{what} {code(_base(plan))} by {_METHODS[plan.method]}, on answers that a model got wrong "
        f"and people corrected. Made with Corrigenda on {made}.",
    ]
    for each in _exports(about):
        if (found := each["manifest"].get("contaminated")) is not None:
            sets = ", ".join(map(code, found.get("sets", ())))
            lines += [
                "",
                f"**Contaminated: {code(each['name'])} has prompts of protected benchmarks "
                f"({sets}). What the model scores there says nothing; do not report it.**",
            ]
    return lines


def _use(plan: TrainPlan) -> list[str]:
    place = plan.model.path if plan.model.sha256 is None else f"path/to/{_base(plan)}"
    base, lora = json.dumps(place), plan.options.lora is not None
    lines = ["```python", "from transformers import AutoModelForCausalLM, AutoTokenizer", ""]
    if lora:
        lines[1:1] = ["from peft import PeftModel"]
        lines += [
            f"model = AutoModelForCausalLM.from_pretrained({base})",
            'model = PeftModel.from_pretrained(model, "model")',
        ]
    else:
        lines += ['model = AutoModelForCausalLM.from_pretrained("model")']
    return [*lines, 'tokenizer = AutoTokenizer.from_pretrained("model")', "```"]


def _none(plan: TrainPlan) -> str:
    return (
        "None yet. What it learned, and what it forgot, is not known before the same prompts are "
        f"answered again: `corrigenda evaluate` does that, and `corrigenda compare` tells what is "
        f"fixed, held out and got worse. That the training of {code(plan.name)} has ended says "
        "nothing of it."
    )


def _rows(plan: TrainPlan, about: Mapping[str, Any]) -> list[str]:
    lines = [
        f"- {file.rows} {_USES[use]}" for use, file in plan.data.files().items() if use in _USES
    ]
    if plan.data.replay is None:
        lines.append("- no passes: what the model had right before was not kept in training")
    for each in plan.exports:
        lines.append(
            f"- from the export {code(each['name'])} in the format {code(each['format'])}, "
            f"SHA-256 of its manifest {code(each['digest'])}"
        )
    for each in _exports(about):
        recipe = _without_people(each["manifest"].get("recipe") or {})
        lines.append(f"- recipe of {code(each['name'])}: {code(json.dumps(recipe))}")
    return lines


def _counts(about: Mapping[str, Any], dimension: str) -> list[str]:
    found = {
        use: counts.get(dimension) or {}
        for use, counts in (about.get("counts") or {}).items()
        if use in _USES and not (use == "replay" and dimension == "category")
    }
    names = sorted({name for counts in found.values() for name in counts})
    if not names:
        return []
    lines = [
        f"| | {' | '.join(found)} |",
        f"| --- | {' | '.join('---:' for _ in found)} |",
    ]
    for name in names[:_MOST]:
        row = " | ".join(str(counts.get(name, 0)) for counts in found.values())
        lines.append(f"| {code(name).replace('|', chr(92) + '|')} | {row} |")
    more = len(names) - _MOST
    return [*lines, *(["", f"and {more} more, see `{EXPORTS}`"] if more > 0 else [])]


def _how(plan: TrainPlan, report: Mapping[str, Any]) -> list[str]:
    lines = []
    for stage in report.get("stages") or ():
        rate = plan.options.rate(stage.get("stage", "sft"))
        said = [f"{stage.get('steps')} of {stage.get('max_steps')} steps"]
        said.append(f"learning rate up to {rate:g}")
        if stage.get("loss_last") is not None:
            said.append(f"loss {_short(stage.get('loss_first'))} → {_short(stage['loss_last'])}")
        if stage.get("tokens_per_s"):
            said.append(f"{stage['tokens_per_s']:.0f} tokens/s")
        if stage.get("flops_share"):
            said.append(f"{stage['flops_share']:.0%} of the hardware's peak")
        lines.append(f"- {stage.get('stage')}: {', '.join(said)}")
    if report.get("device"):
        lines.append(f"- on {code(report['device'])}")
    if report.get("weights_sha256"):
        lines.append(f"- SHA-256 of the weights: {code(report['weights_sha256'])}")
    changed = _changed(plan.options)
    lines.append(f"- options other than the defaults: {changed or 'none'}")
    for name, digest in sorted((plan.model.sha256 or {}).items()):
        lines.append(f"- base model, {code(name)}: SHA-256 {code(digest)}")
    return lines


def _changed(options: TrainOptions) -> str:
    plain, found = TrainOptions().as_json(), options.as_json()
    said = [f"{name} {json.dumps(found[name])}" for name in found if found[name] != plain[name]]
    return ", ".join(map(code, said))


def _licence(about: Mapping[str, Any]) -> str:
    found = {
        name
        for each in _exports(about)
        for run in each["manifest"].get("runs", ())
        for name in run.get("licenses") or ["none named"]
    }
    said = f" Those of the runs: {', '.join(map(code, sorted(found)))}." if found else ""
    return (
        "Not chosen. It depends on the licence of the base model and on those of the runs that the "
        f"answers come from.{said}"
    )


def _exports(about: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = about.get("exports") or ()
    return found


def _base(plan: TrainPlan) -> str:
    """The base model's name; of a folder only its last part, for a card is published.

    What a training has made is called after that training: its folder is always the same.
    """
    if plan.model.sha256 is not None:
        folder = Path(plan.model.path)
        before = read_json(folder.parent / PLAN) if folder.name in (MODEL, MERGED) else None
        named = before.get("name") if isinstance(before, dict) else None
        return named if isinstance(named, str) else folder.name
    revision = f"@{plan.model.revision}" if plan.model.revision else ""
    return f"{plan.model.path}{revision}"


def _without_people(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without the names of reviewers, for a card is published."""
    chosen = recipe.get("filter")
    if not isinstance(chosen, Mapping):
        return dict(recipe)
    return {**recipe, "filter": {k: v for k, v in chosen.items() if k != "reviewer"}}


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else "?"


def _listed(values: Mapping[str, Any]) -> list[str]:
    return [f"- {code(name)} {code(value)}" for name, value in values.items() if value]


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"## {title}", "", *lines] if lines else []


def _evaluation(text: str) -> str | None:
    _, begin, rest = text.partition(_BEGIN)
    inner, end, _ = rest.partition(_END)
    return inner if begin and end and not inner.strip().startswith("None yet.") else None


def _has_place(text: str) -> bool:
    return _END in text.partition(_BEGIN)[2]


def _lowered(lines: Iterable[str]) -> Iterator[str]:
    fenced = False
    for line in lines:
        fenced ^= _FENCE.match(line) is not None
        yield f"##{line}" if not fenced and _HEADING.match(line) else line
