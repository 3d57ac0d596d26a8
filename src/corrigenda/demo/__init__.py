"""The runs that `corrigenda demo` shows: invented failures of small open models.

Four runs lie beside this file as a benchmark would leave them, one native JSONL file each:

    runs/2026-11-09-091500/sft_candidates.jsonl
    runs/2026-11-16-143022/sft_candidates.jsonl
    runs/2026-11-20-220741/sft_candidates.jsonl
    runs/2026-11-21-081530/sft_candidates.jsonl

Three have a `sft_passes.jsonl` beside it: what other models answered rightly.

Prompts, documents, companies and responses are invented for the demonstration; no model was
run. What can be checked is right, though: the reference answers are correct, the wrong answers
are wrong in the way that `failure_reason` says, and the code in them behaves as described. Every
failure category occurs; among the prompts are a long document, a conversation of several turns,
a tool call, a trajectory that goes wrong in its middle, mathematics, reasoning in `<think>`, and
German, French, Arabic and Japanese text.
"""

from importlib import resources
from pathlib import Path


def runs_dir() -> Path:
    """Return the directory that holds the demo's runs, one directory each.

    The files are package data and must not be changed; import them, or copy them first.

    Returns:
        A directory that can be set as `bench_results_dir`.

    Raises:
        FileNotFoundError: The package is not installed as plain files (it runs from a zip
            archive, say), or its data is missing.

    Example:
        >>> from corrigenda.demo import runs_dir
        >>> sorted(path.name for path in runs_dir().iterdir())
        ['2026-11-09-091500', '2026-11-16-143022', '2026-11-20-220741', '2026-11-21-081530']
    """
    path = Path(str(resources.files(__name__) / "runs"))
    if not path.is_dir():
        raise FileNotFoundError(f"`{path}` is missing: install corrigenda as plain files")
    return path
