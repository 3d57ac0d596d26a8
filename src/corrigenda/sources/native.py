"""The native format: `sft_candidates.jsonl`, and beside it `sft_passes.jsonl`.

bench_results/
  2026-04-07-143022/
    sft_candidates.jsonl      one record a line, see `corrigenda.core.candidate`
    sft_passes.jsonl          what the model got right, in the same form; may be absent
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from corrigenda.core.candidate import REVIEW_FIELDS, is_run_name
from corrigenda.core.history import FIELD as HISTORY
from corrigenda.core.problem import Problem
from corrigenda.inputs import File, LocalFile, lines
from corrigenda.jsonl import loads
from corrigenda.sources.base import Guide, ReadOptions, RunFile, Sample, Verdict

FILE_NAME = "sft_candidates.jsonl"
PASSES_NAME = "sft_passes.jsonl"

_OWN = frozenset(
    {
        *("prompt_messages", "model_response", "corrected_response", "benchmark_run_id"),
        *("quality_score", "failure_reason", "failure_category", "reference_answer"),
    }
)
_BEGINS = re.compile(rb'\{\s*"id"\s*:\s*"')
_OWN_KEY = re.compile(rb'"(?:prompt_messages|model_response|benchmark_run_id)"\s*:')


class NativeSource:
    """Reads `sft_candidates.jsonl`."""

    name = "native"
    title = "Corrigenda's own lines"
    guide = Guide(
        versions="all",
        metric="the file: `sft_candidates.jsonl` failed, `sft_passes.jsonl` passed",
        fields={"every field": "the field of that name; unknown ones stay"},
        left_out="nothing",
    )

    def sniff(self, file: File) -> str | None:
        """By the file's name, or by a first line with an `id` and one of our own fields.

        An `id` is too common to be enough, unless it is all that the line has.
        """
        base = PurePosixPath(file.name).name
        if base in (FILE_NAME, PASSES_NAME):
            return f"its name is `{base}`"
        head = file.head().removeprefix(b"\xef\xbb\xbf").lstrip()
        first, end, _ = head.partition(b"\n")
        said = "its lines have an `id` and our own fields"
        if not end and _BEGINS.match(head) and _OWN_KEY.search(head):
            return said  # a first line that is longer than what is looked at, or the only one
        try:
            record = loads(first)
        except ValueError:
            return None
        if not isinstance(record, dict) or "id" not in record:
            return None
        return said if len(record) == 1 or _OWN.intersection(record) else None

    def runs(self, file: File) -> list[RunFile]:
        """A file that has another name is a run of that name; else the folder names it.

        A run whose name no database can hold is left out.
        """
        path = PurePosixPath(file.name)
        own = path.name in (FILE_NAME, PASSES_NAME)
        name = (path.parent.name or _folder_of(file) if own else None) or path.stem
        return [RunFile(name, file)] if is_run_name(name) else []

    def read(
        self,
        run: RunFile,
        options: ReadOptions,  # noqa: ARG002  # the file itself says what failed
    ) -> Iterator[Sample | Problem]:
        """See `Source.read`; a status that a line of the passes has is not looked at.

        The history that an export of another workspace put beside a record is taken off it.
        """
        passes = PurePosixPath(run.file.name).name == PASSES_NAME
        for entry in lines(run.file):
            if isinstance(entry, Problem):
                yield entry
                continue
            if not isinstance(entry.value, dict):
                yield Problem(run.file.label, entry.number, "expected a JSON object")
                continue
            record, verdict = entry.value, Verdict.FAILED
            history = record.pop(HISTORY, None)
            if passes:
                record = {k: v for k, v in record.items() if k not in REVIEW_FIELDS}
                verdict = Verdict.PASSED
            yield Sample(verdict, record, number=entry.number, history=history)


def _folder_of(file: File) -> str | None:
    """The folder of a file that was named alone; none of an upload, whose folder says nothing."""
    folder = PurePosixPath(file.label.replace("\\", "/")).parent.name
    if folder not in ("", "..") or not isinstance(file, LocalFile):
        return folder or None
    path = Path(file.label).resolve()  # named from within: `sft_candidates.jsonl`, or `.`
    return path.parent.name if path == file.path.resolve() else None
