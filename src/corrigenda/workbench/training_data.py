"""From exports to the files that a training run reads: which row is for what.

    export                       row                      file of the run
    prompt_completion  train     a correction's           data/corrections.jsonl
                       train     a pass's                 data/replay.jsonl
                       validation                         data/validation.jsonl
    preference         train     a pair                   data/pairs.jsonl
                       test, and what a method has no use for, goes nowhere and is counted

An export's own list of rows says of each what it is of and in which split; its hash says that the
row is the one that was exported. Lines are copied as they are.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from corrigenda.core.recipe import SPLITS
from corrigenda.errors import InvalidInput, NotFound
from corrigenda.inputs import LocalFile
from corrigenda.jsonl import encode, loads, storage_errors
from corrigenda.outputs import container_of
from corrigenda.train.files import keep
from corrigenda.train.plan import Data, DataFile
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.items import UNNAMED, Origin
from corrigenda.workbench.curating.manifest import Exported

SUPERVISED, PAIRED = "prompt_completion", "preference"
"""The export formats that are trained on here."""

FOLDER = "data"

_TRAINED = (SPLITS[0], "all")
_VALIDATION = SPLITS[1]
_COUNTED = ("category", "task", "model", "run_id")
_TAKEN = {"sft": (SUPERVISED,), "dpo": (SUPERVISED, PAIRED), "sft-dpo": (SUPERVISED, PAIRED)}


class Use(StrEnum):
    """What a row is for; the names of the files of a run's plan."""

    CORRECTIONS = "corrections"
    REPLAY = "replay"
    PAIRS = "pairs"
    VALIDATION = "validation"


@dataclass
class Divided:
    """The rows of a run, written.

    Attributes:
        data: The files, as the plan names them.
        counts: Use → dimension (`category`, `task`, `model`, `run_id`) → value → rows.
        remarks: What somebody should know before training, a sentence each.
    """

    data: Data
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    remarks: list[str] = field(default_factory=list)


def check_formats(exports: Sequence[Exported], method: str) -> None:
    """Refuse exports that a method cannot be trained on, before anything is written.

    Raises:
        InvalidInput: One is of another format, or the one that is needed is not there.
    """
    for each in exports:
        name = each.recipe.format
        if name in (SUPERVISED, PAIRED) and name not in _TAKEN[method]:
            raise InvalidInput(
                f"`{each.name}` has pairs, which the method `{method}` has no use for: use "
                "`--method dpo` or `sft-dpo`, or leave it out."
            )
        if name not in _TAKEN[method]:
            raise InvalidInput(
                f"`{each.name}` is an export in the format `{name}`; training takes "
                f"`{SUPERVISED}` (corrections, and passes that are replayed) and, for `dpo` and "
                f"`sft-dpo`, `{PAIRED}`."
            )
    formats = [each.recipe.format for each in exports]
    if method != "dpo" and SUPERVISED not in formats:
        raise InvalidInput(f"The method `{method}` needs an export in the format `{SUPERVISED}`.")
    if method != "sft" and PAIRED not in formats:
        raise InvalidInput(f"The method `{method}` needs an export in the format `{PAIRED}`.")


def divide(exports: Sequence[Exported], method: str, place: Path) -> Divided:
    """Write the rows of exports into the files of a run.

    Args:
        exports: In formats that `check_formats` lets pass.
        method: Of the training.
        place: The run's folder.

    Raises:
        InvalidInput: A file or list was changed after it was made, one export holds out what
            another trains on, or nothing is left to train on.
        NotFound: A file is gone.
        StorageError: The disk refuses.
    """
    with storage_errors(place), ExitStack() as stack:
        (place / FOLDER).mkdir(parents=True, exist_ok=True)
        dividing = _Dividing(method, place, stack)
        for each in exports:
            dividing.add(each)
        dividing.check()
        dividing.keep()
    return Divided(dividing.data(), dividing.counts, dividing.remarks)


def rows(exported: Exported) -> Iterator[tuple[dict[str, Any], bytes, dict[str, Any]]]:
    """The entries of an export's list, each with its line and its row.

    Raises:
        InvalidInput, NotFound: See `divide`.
    """
    if exported.rows is None:
        raise InvalidInput(
            f"The list of rows of `{exported.name}` is not there; it lies beside the manifest, and "
            "says which rows are corrections and which are passes."
        )
    folder = exported.rows.parent
    with ExitStack() as stack:
        files = {
            each["name"]: iter(stack.enter_context(_opened(exported, folder / each["name"])))
            for each in exported.manifest["files"]
        }
        for entry in exported.entries():
            line = next(files.get(str(entry.get("file")), iter(())), b"").rstrip(b"\n")
            if hashlib.sha256(line).hexdigest() != entry["row_sha256"]:
                raise InvalidInput(f"The rows of `{exported.name}` were changed after it was made.")
            yield entry, line, loads(line)


def digest(exported: Exported) -> str:
    """The hash of an export's manifest, which has those of its files."""
    return hashlib.sha256(manifests.text(exported.manifest)).hexdigest()


class _Dividing:
    """Writes rows, and counts them.

    Prompts and rows are remembered as hashes of 16 bytes.
    """

    def __init__(self, method: str, place: Path, stack: ExitStack) -> None:
        self._method = method
        self._place = place
        self._stack = stack
        self._files: dict[Use, _File] = {}
        self._seen: set[tuple[Use, bytes]] = set()
        self._trained: dict[bytes, str] = {}
        self._held_out: dict[bytes, str] = {}
        self.counts: dict[str, dict[str, Counter[str]]] = defaultdict(
            lambda: {name: Counter() for name in _COUNTED}
        )
        self.remarks: list[str] = []

    def add(self, exported: Exported) -> None:
        """Write the rows of an export that are of use."""
        paired = exported.recipe.format == PAIRED
        unused: Counter[str] = Counter()
        repeated: Counter[str] = Counter()
        mine: set[tuple[Use, bytes]] = set()
        for entry, line, row in rows(exported):
            use = self._use(entry, paired)
            self._remember(exported, entry, row)
            if use is None:
                unused[_what(entry, paired)] += 1
                continue
            key = use, hashlib.sha256(line).digest()[:16]
            if key in self._seen:
                repeated["here" if key in mine else "elsewhere"] += 1
                continue
            self._seen.add(key)
            mine.add(key)
            self._file(use).write(line)
            for name in _COUNTED:
                self.counts[use][name][str(entry.get(name) or UNNAMED)] += 1
        self._remark(exported, unused, repeated)

    def check(self) -> None:
        """Refuse what contradicts itself, or has nothing to train on."""
        for prompt in self._trained.keys() & self._held_out.keys():
            raise InvalidInput(
                f"`{self._trained[prompt]}` trains on a prompt that `{self._held_out[prompt]}` "
                "holds out; make both with the same splits."
            )
        needed = (Use.PAIRS,) if self._method == "dpo" else (Use.CORRECTIONS,)
        for use in (*needed, *((Use.PAIRS,) if self._method == "sft-dpo" else ())):
            if use not in self._files:
                raise InvalidInput(
                    f"The exports have no {use} to train on; what they left out, and why, is in "
                    "their manifests."
                )

    def keep(self) -> None:
        """Have the files outlive the machine's end: the plan that names them will."""
        for file in self._files.values():
            file.keep()
        keep(self._place / FOLDER)

    def data(self) -> Data:
        """The files that were written."""
        return Data(**{use.value: file.written for use, file in self._files.items()})

    def _use(self, entry: Mapping[str, Any], paired: bool) -> Use | None:
        split, right = entry.get("split", "all"), entry["origin"] == Origin.PASS
        if split in _TRAINED:
            if paired:
                return Use.PAIRS
            if right:
                return Use.REPLAY
            return Use.CORRECTIONS if self._method != "dpo" else None
        return Use.VALIDATION if split == _VALIDATION and not paired else None

    def _remember(self, exported: Exported, entry: Mapping[str, Any], row: Any) -> None:
        prompt = hashlib.sha256(encode([row["prompt"], row.get("tools")])).digest()[:16]
        trained = entry.get("split", "all") in _TRAINED
        (self._trained if trained else self._held_out).setdefault(prompt, exported.name)

    def _remark(
        self, exported: Exported, unused: Mapping[str, int], repeated: Mapping[str, int]
    ) -> None:
        for what, n in unused.items():
            self.remarks.append(f"Of `{exported.name}` {n} {what} are not trained on.")
        if n := repeated["elsewhere"]:
            self.remarks.append(f"{n} rows of `{exported.name}` are in another export, too.")
        if n := repeated["here"]:
            self.remarks.append(
                f"{n} rows of `{exported.name}` are there more than once, and trained on once."
            )
        if (found := exported.manifest["contaminated"]) is not None:
            sets = ", ".join(f"`{each}`" for each in found.get("sets", ()))
            self.remarks.append(
                f"`{exported.name}` is contaminated: it has prompts of protected benchmarks "
                f"({sets}). What a model that is trained on it scores there says nothing."
            )

    def _file(self, use: Use) -> "_File":
        if use not in self._files:
            name = f"{FOLDER}/{use}.jsonl"
            opened = self._stack.enter_context((self._place / name).open("wb"))
            self._files[use] = _File(name, opened)
        return self._files[use]


@dataclass
class _File:
    """A file of rows that is written."""

    name: str
    _opened: IO[bytes]
    _rows: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def write(self, line: bytes) -> None:
        self._digest.update(line + b"\n")
        self._opened.write(line + b"\n")
        self._rows += 1

    def keep(self) -> None:
        self._opened.flush()
        os.fsync(self._opened.fileno())

    @property
    def written(self) -> DataFile:
        return DataFile(self.name, self._rows, self._digest.hexdigest())


def _what(entry: Mapping[str, Any], paired: bool) -> str:
    split = entry.get("split", "all")
    what = "pairs" if paired else "rows of corrections"
    return what if split in _TRAINED else f"rows of the split `{split}`"


def _opened(exported: Exported, path: Path) -> IO[bytes]:
    container = container_of(path.name) or ""
    if not container.startswith("jsonl"):
        raise InvalidInput(
            f"The rows of `{exported.name}` are in `{path.name}`; training reads JSON lines: make "
            "the export as such."
        )
    if not path.is_file():
        raise NotFound(f"The file `{path.name}` of the export `{exported.name}` is gone.")
    return LocalFile(path).open()
