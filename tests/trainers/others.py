"""The readers of other trainers and services, each by its own code; run by `consumer`.

Their packages lie in `consumers` of the training environment without what they depend on, so
they are imported past their `__init__`, with empty modules in the place of what reading and
masking never use: terminals' colours, Apple's accelerator, sound.
"""

import enum
import importlib
import importlib.machinery
import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Read = Callable[[str], Any]
"""Reads the rows of a file by `datasets`."""

PACKAGES = Path(sys.prefix) / "consumers"


def _part_of(module: str) -> Any:
    """Import a module of a consumer, but no `__init__` of the packages that it is in."""
    if str(PACKAGES) not in sys.path:
        sys.path.append(str(PACKAGES))
    *parents, _ = module.split(".")
    for depth in range(1, len(parents) + 1):
        name = ".".join(parents[:depth])
        if name not in sys.modules:
            _put(name).__path__ = [str(PACKAGES.joinpath(*parents[:depth]))]
    return importlib.import_module(module)


def _put(name: str, **content: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__spec__ = importlib.machinery.ModuleSpec(name, None)
    vars(made).update(content)
    sys.modules[name] = made
    return made


def _trained(labels: list[int], words: Any) -> str:
    return str(words.decode([label for label in labels if label != -100]))


def llama_factory(path: Path, words: Any, read: Read, *, last_turn: bool) -> Iterator[str]:
    """What carries loss of each row of a folder with `dataset_info.json`; dropped rows are none."""
    _put("torchaudio")
    parser = _part_of("llamafactory.data.parser")
    converter = _part_of("llamafactory.data.converter")
    templates = _part_of("llamafactory.data.template")
    supervised = _part_of("llamafactory.data.processor.supervised")
    args = SimpleNamespace(
        **dict.fromkeys(("tool_format", "default_system", "preprocessing_num_workers")),
        **dict.fromkeys(("streaming", "overwrite_cache", "train_on_prompt"), False),
        **{"template": "qwen", "mask_history": last_turn, "cutoff_len": 1_000_000},
        **{"enable_thinking": True, "preserve_thinking": False, "media_dir": None},
    )

    [name] = json.loads((path / "dataset_info.json").read_text("utf-8"))
    [described] = parser.get_dataset_list([name], str(path))
    rows = converter.align_dataset(
        read(str(path / described.dataset_name)),
        described,
        args,
        SimpleNamespace(local_process_index=0),
    )
    template = templates.get_template_and_fix_tokenizer(words, args)
    processor = supervised.SupervisedDatasetProcessor(template, words, None, args)
    for at in range(len(rows)):
        for labels in processor.preprocess_dataset(rows[at : at + 1]).get("labels", []):
            yield _trained(labels, words)


def axolotl(path: Path, words: Any, read: Read) -> Iterator[str]:
    """What carries loss of each row of a folder with `axolotl.yml`."""
    _put("colorama", Fore=SimpleNamespace(RED="", GREEN="", CYAN="", YELLOW="", RESET=""))
    _put("addict", Dict=dict)
    strategies = _part_of("axolotl.prompt_strategies.chat_template")
    import yaml  # type: ignore[import-untyped]

    class Configuration(dict[str, Any]):
        def __getattr__(self, name: str) -> Any:
            return self.get(name)

    config = Configuration(chat_template="tokenizer_default", sequence_len=1_000_000)
    [described] = yaml.safe_load((path / "axolotl.yml").read_text("utf-8"))["datasets"]
    strategy = strategies.StrategyLoader()(words, config, described)
    for row in read(str(path / described["path"])):
        yield _trained(strategy.tokenize_prompt(dict(row))["labels"], words)


def mlx(path: Path, words: Any, read: Read) -> Iterator[str]:
    """What carries loss of each row of a file of JSON lines, with the prompt masked."""
    _put("mlx", core=_put("mlx.core"))
    reader = _part_of("mlx_lm.tuner.datasets")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    made = reader.create_dataset(rows, words, SimpleNamespace(mask_prompt=True))
    for at in range(len(made)):
        ids, prompt = made.process(made[at])
        yield words.decode(ids[prompt:])


def together(path: Path, words: Any, read: Read) -> Iterator[str]:
    """What Together's client has against a file before it is sent; nothing, if it is good."""

    class FilePurpose(enum.StrEnum):
        FineTune = "fine-tune"
        Eval = "eval"
        BatchAPI = "batch-api"

    _put("together.types", FilePurpose=FilePurpose)
    report = _part_of("together.utils.files").check_file(path)
    if not report["is_check_passed"]:
        yield str(report["message"])


READERS: dict[str, Callable[..., Iterator[str]]] = {
    "llama_factory": llama_factory,
    "axolotl": axolotl,
    "mlx": mlx,
    "together": together,
}
