"""The workspace's `label_tool.yaml`, read into frozen values.

    # label_tool.yaml
    sft:
      bench_results_dir: ../bench_results   # each <run_id>/sft_candidates.jsonl is a run
      categories:                           # beside the six that are built in
        - name: unsafe_answer
          label: Unsafe
          definition: The answer helps to do harm.
          color: brown
          key: 7
      mappings:                             # of tables, see `corrigenda import --mapping`
        homework: {prompt: question, response: solution, wrong_when: is_correct==false}
      tokenizer: Qwen/Qwen2.5-3B            # of the model to train: a name, or a folder
      max_length: 4096                      # the longest example that training takes
      scoring: {kind: numeric}              # of answers whose log names no rule, see core.scoring
      models_dir: ../models                 # the models that can be trained and asked from the page
      endpoints:                            # those that can be asked from the page
        vllm: {url: http://127.0.0.1:8000/v1, api_key_env: VLLM_KEY}

A relative path in the file is relative to the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from corrigenda.core.scoring import KINDS
from corrigenda.core.taxonomy import BUILT_IN, Category, Taxonomy
from corrigenda.errors import ConfigError, InvalidInput
from corrigenda.urls import check_endpoint

CONFIG_NAME = "label_tool.yaml"
CATEGORY_FIELDS = ("label", "definition", "example", "color", "key")
Mappings = Mapping[str, Mapping[str, str]]
"""Name of a mapping → our field → a table's column (see `corrigenda.sources.plain`)."""

MAPPING_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")


@dataclass(frozen=True)
class EndpointConfig:
    """An OpenAI-compatible endpoint, and the environment variable that has its key, if any."""

    url: str
    api_key_env: str | None = None


@dataclass(frozen=True)
class WorkspaceConfig:
    """What `label_tool.yaml` says."""

    bench_results_dir: Path | None = None
    taxonomy: Taxonomy = field(default_factory=Taxonomy)
    mappings: Mappings = field(default_factory=dict)
    tokenizer: str | None = None
    max_length: int | None = None
    scoring: Mapping[str, Any] | None = None
    models_dir: Path | None = None
    endpoints: Mapping[str, EndpointConfig] = field(default_factory=dict)


def read_config(config_dir: Path) -> WorkspaceConfig:
    """Read the workspace's configuration; a missing file means the defaults.

    Raises:
        ConfigError: The file cannot be read, is not YAML, or a key has a wrong value.
    """
    path = config_dir / CONFIG_NAME
    try:
        stat = path.stat()
    except FileNotFoundError:
        return WorkspaceConfig()
    except OSError as error:
        raise ConfigError(f"Cannot read `{path}`: {error.strerror}.") from error
    return _read_config_at(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=64)
def _read_config_at(path: Path, _mtime: int, _size: int, _inode: int) -> WorkspaceConfig:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read `{path}`: {error}.") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError(f"`{path}`{where}: {problem}.") from error
    except (ValueError, RecursionError) as error:  # such as a date with a month 13
        raise ConfigError(f"`{path}`: {error}.") from error
    return _config_from(path, document)


def _config_from(path: Path, document: object) -> WorkspaceConfig:
    sft = _mapping(path, document, "the file").get("sft")
    section = _mapping(path, sft, "`sft`")
    extra = section.get("categories") or []
    if not isinstance(extra, list):
        raise ConfigError(f"`{path}`: `sft.categories` must be a list.")
    return WorkspaceConfig(
        bench_results_dir=_folder(path, section, "bench_results_dir"),
        taxonomy=Taxonomy.with_extra(_category(path, item) for item in extra),
        mappings=_mappings(path, section.get("mappings")),
        tokenizer=_tokenizer(path, section.get("tokenizer")),
        max_length=_max_length(path, section.get("max_length")),
        scoring=_scoring(path, section.get("scoring")),
        models_dir=_folder(path, section, "models_dir"),
        endpoints=_endpoints(path, section.get("endpoints")),
    )


def _folder(path: Path, section: Mapping[str, Any], key: str) -> Path | None:
    folder = section.get(key)
    if folder is None:
        return None
    if not isinstance(folder, str) or not folder.strip():
        raise ConfigError(f"`{path}`: `sft.{key}` must be a folder's path.")
    try:
        return resolve(path.parent, folder)
    except (OSError, ValueError) as error:
        raise ConfigError(f"`{path}`: `sft.{key}`: {error}.") from error


def _endpoints(path: Path, value: object) -> Mapping[str, EndpointConfig]:
    found = {}
    for given, said in _mapping(path, value, "`sft.endpoints`").items():
        name, what = str(given), f"`sft.endpoints.{given}`"
        each = _mapping(path, said, what)
        if not MAPPING_NAME.fullmatch(name):
            raise ConfigError(f"`{path}`: `{name}` cannot be an endpoint's name.")
        if extra := set(each) - {"url", "api_key_env"}:
            raise ConfigError(f"`{path}`: unknown key `{min(map(str, extra))}` in {what}.")
        key = each.get("api_key_env")
        if not isinstance(key, str | None):
            raise ConfigError(f"`{path}`: {what}: `api_key_env` is a variable's name.")
        try:
            check_endpoint(str(each.get("url", "")))
        except InvalidInput as error:
            raise ConfigError(f"`{path}`: {what}: {error.message}") from error
        found[name] = EndpointConfig(str(each["url"]), key)
    return found


def _tokenizer(path: Path, value: object) -> str | None:
    """A name as it is, a folder's path as the file means it."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"`{path}`: `sft.tokenizer` must be a model's name or a folder's path.")
    try:
        folder = resolve(path.parent, value)
        return str(folder) if folder.exists() else value
    except (OSError, ValueError) as error:
        raise ConfigError(f"`{path}`: `sft.tokenizer`: {error}.") from error


def _max_length(path: Path, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ConfigError(f"`{path}`: `sft.max_length` must be a whole number from 1 up.")


def _scoring(path: Path, value: object) -> Mapping[str, Any] | None:
    """A rule; what is in its `params` is looked at when it is used."""
    rule = _mapping(path, value, "`sft.scoring`")
    if not rule:
        return None
    usable = [kind for kind in KINDS if kind != "other"]
    if rule.get("kind") not in usable:
        known = ", ".join(f"`{kind}`" for kind in usable)
        raise ConfigError(f"`{path}`: `sft.scoring` needs a `kind`, one of {known}.")
    _mapping(path, rule.get("params"), "`sft.scoring.params`")
    if extra := set(rule) - {"kind", "params", "name"}:
        raise ConfigError(f"`{path}`: unknown key `{min(map(str, extra))}` in `sft.scoring`.")
    return rule


def _mapping(path: Path, value: object, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"`{path}`: {what} must be a mapping (`key: value`).")
    return value


def _category(path: Path, item: object) -> Category:
    fields = {"name": item} if isinstance(item, str) else item
    if not isinstance(fields, dict) or not isinstance(fields.get("name"), str):
        raise ConfigError(f"`{path}`: each of `sft.categories` needs a `name`.")
    unknown = set(fields) - {"name", *CATEGORY_FIELDS}
    if unknown:
        raise ConfigError(f"`{path}`: unknown key `{min(map(str, unknown))}` in `sft.categories`.")
    said: dict[str, Any] = {
        name: str(value) for name, value in fields.items() if value not in (None, "")
    }
    return replace(default_category(fields["name"]), **said)


def default_category(name: str) -> Category:
    """What a category is where only its name is given."""
    built_in = (category for category in BUILT_IN if category.name == name)
    return next(built_in, Category(name, name.replace("_", " ").capitalize()))


def resolve(base: Path, text: str) -> Path:
    """A path as the file means it.

    Raises:
        OSError, ValueError: It cannot be a path.
    """
    try:
        return (base / Path(text).expanduser()).resolve()
    except RuntimeError as error:  # a symlink loop, or `~` of somebody unknown
        raise ValueError(str(error).rstrip(".")) from error


def _mappings(path: Path, value: object) -> Mappings:
    found = {}
    for given, columns in _mapping(path, value, "`sft.mappings`").items():
        name = str(given)
        if not MAPPING_NAME.fullmatch(name):
            raise ConfigError(f"`{path}`: `{name}` cannot be a mapping's name.")
        said = _mapping(path, columns, f"`sft.mappings.{name}`")
        found[name] = {str(key): str(column) for key, column in said.items()}
    return found
