r"""The dataset card: a bundle's `README.md`, with the head that the Hugging Face Hub reads.

    ---
    license: mit
    task_categories:
    - text-generation
    size_categories:
    - n<1K
    tags:
    - corrigenda
    - sft
    configs:
    - config_name: default
      data_files:
      - split: train
        path: train.jsonl
    ---

The head holds words of our own alone (https://huggingface.co/docs/hub/datasets-cards). What comes
from records stands below it, in code spans or with its punctuation escaped: a model may be called
`</a>\n---\n# Free licence`, and its card still says only that.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from corrigenda.exports import ExportFormat, Kind

_LICENSES = (
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsl-1.0 c-uda cc "
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 "
    "cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 "
    "cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 "
    "cdla-sharing-1.0 gemma gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 llama2 llama3 "
    "llama3.1 llama3.2 llama3.3 mit mpl-2.0 odbl odc-by openrail pddl unlicense wtfpl"
)
LICENSES = frozenset(_LICENSES.split())
"""Identifiers that the Hub knows; any other licence is `other` there."""

_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
)
_LARGER = "100M<n<1B"
_TAGS: dict[Kind, tuple[str, ...]] = {
    Kind.SFT: ("sft",),
    Kind.PREFERENCE: ("preference", "dpo"),
    Kind.UNPAIRED: ("preference", "kto"),
    Kind.RECORDS: (),
}
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&!]")
_AT_START = re.compile(r"^(\s*\d*)([-+=.)])")
_LONGEST = 200  # characters of a name
_MOST = 50  # names of a kind
_STAGES = {
    "approved": "approved",
    "chosen": "found by the filter",
    "allowed": "not held out or held back",
    "valid": "whole and usable",
    "unique": "without duplicates",
    "balanced": "after conflicts and caps",
    "with_passes": "with passes mixed in",
    "split": "in a split",
}


def card(manifest: Mapping[str, Any], form: ExportFormat) -> bytes:
    """The card of a bundle with this manifest (its `beside` is not looked at)."""
    rows = sum(file["rows"] for file in manifest["files"])
    lines = [*_head(manifest, form, rows), "", *_body(manifest, form, rows)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _head(manifest: Mapping[str, Any], form: ExportFormat, rows: int) -> list[str]:
    found = licenses(manifest["runs"])
    lines = ["---"]
    lines += [f"license: {found[0]}"] if len(found) == 1 else _listed("license", found)
    if form.kind is not Kind.RECORDS:
        lines += _listed("task_categories", ["text-generation"])
    lines += _listed("size_categories", [size(rows)])
    lines += _listed("tags", ["corrigenda", *_TAGS[form.kind]])
    lines += _features(manifest, form)
    if files := [file for file in manifest["files"] if file["rows"]]:
        lines += ["configs:", "- config_name: default", "  data_files:"]
        for file in files:
            split = "train" if file["split"] == "all" else file["split"]
            lines += [f"  - split: {split}", f"    path: {file['name']}"]
    return [*lines, "---"]


def _features(manifest: Mapping[str, Any], form: ExportFormat) -> list[str]:
    """The columns, where `datasets` would have to guess them: Parquet has its own."""
    if not form.features or not all("jsonl" in file["name"] for file in manifest["files"]):
        return []
    lines = ["dataset_info:", "  features:"]
    for column in form.features:
        said = [f"{key}: {value}" for key, value in column.items()]
        lines += [f"  - {said[0]}", *(f"    {each}" for each in said[1:])]
    return lines


def licenses(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The licences as the Hub names them; `unknown` where a run says none.

    Example:
        >>> licenses([{"licenses": ["MIT"]}, {"licenses": ["Our own"]}, {"licenses": []}])
        ['mit', 'other', 'unknown']
    """
    found = set()
    for run in runs:
        names = [re.sub(r"[\s_]+", "-", name.strip().lower()) for name in run["licenses"]]
        found |= {name if name in LICENSES else "other" for name in names} or {"unknown"}
    return sorted(found) or ["unknown"]


def size(rows: int) -> str:
    """The Hub's category of a number of rows.

    Example:
        >>> size(0), size(1000), size(10**9)
        ('n<1K', '1K<n<10K', '100M<n<1B')
    """
    return next((name for limit, name in _SIZES if rows < limit), _LARGER)


def _body(manifest: Mapping[str, Any], form: ExportFormat, rows: int) -> list[str]:
    version = manifest["tool"]["version"]
    lines = [
        "# Corrected answers",
        "",
        f"{rows} rows in the format {code(form.name)} ({prose(form.title)}), made by "
        f"Corrigenda {version} of answers that a model got wrong and people corrected.",
    ]
    if manifest["contaminated"] is not None:
        sets = ", ".join(code(name) for name in manifest["contaminated"]["sets"])
        lines += [
            "",
            f"**Contaminated: {manifest['contaminated']['rows']} rows have prompts of protected "
            f"benchmarks ({sets}). A model that is trained on them cannot be judged by those.**",
        ]
    lines += _section("Files", [_file(file) for file in manifest["files"]])
    lines += _section("Steps", [f"{stage['n']} {_stage(stage)}" for stage in manifest["stages"]])
    lines += _section("Left out", _counted(manifest["left_out"]))
    for name, title in (("category", "Failure categories"), ("task", "Tasks"), ("model", "Models")):
        lines += _section(title, _counted(manifest["counts"][name]))
    lines += _section("Runs and their licences", _few([_run(run) for run in manifest["runs"]]))
    lines += _section("Warnings", [prose(warning) for warning in manifest["warnings"]])
    lines += ["", "## Recipe", "", *_fenced(manifest["recipe"])]
    return lines


def _file(file: Mapping[str, Any]) -> str:
    return f"{code(file['name'])}: {file['rows']} rows, SHA-256 {code(file['sha256'])}"


def _stage(stage: Mapping[str, Any]) -> str:
    return _STAGES.get(stage["name"], prose(stage["name"]))


def _run(run: Mapping[str, Any]) -> str:
    name = "without a run" if run["run_id"] is None else code(run["run_id"])
    said = ", ".join(code(each) for each in run["licenses"]) or "no licence named"
    return f"{name}: {run['rows']} rows, {said}"


def _counted(counts: Mapping[str, int]) -> list[str]:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return _few([f"{code(name) if name else 'none named'}: {n}" for name, n in most])


def _few(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"and {more} more, see the manifest"] if more > 0 else [])]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {line}" for line in lines)] if lines else []


def _listed(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"- {value}" for value in values)]


def _fenced(value: object) -> list[str]:
    text = json.dumps(value, ensure_ascii=True, indent=2)
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"{fence}json", text, fence]


def code(name: object) -> str:
    r"""A name as a code span, on one line, whatever is in it.

    Example:
        >>> code("a`b"), code("x\n# y"), code("")
        ('``a`b``', '`x\\n# y`', '` `')
    """
    text = _line(name)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    fence = "`" * (_longest_run(text) + 1)
    # Without its spaces, a span that begins or ends with a backtick or a space would be another.
    pad = " " if not text.strip() or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else "` `"


def prose(text: object) -> str:
    r"""A text in running words: nothing in it is markup.

    Example:
        >>> prose("# a *b* <i>"), prose("1. x")
        ('\\# a \\*b\\* \\<i\\>', '1\\. x')
    """
    escaped = _MARKUP.sub(r"\\\g<0>", _line(text))
    return _AT_START.sub(r"\1\\\2", escaped)


def _line(value: object) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in str(value)
    )


def _longest_run(text: str) -> int:
    return max((len(found) for found in re.findall("`+", text)), default=0)
