"""Settings: the environment, and the workspace's `label_tool.yaml`.

    # label_tool.yaml
    sft:
      bench_results_dir: ../bench_results   # each <run_id>/sft_candidates.jsonl is a run
      categories:                           # beside the six that are built in
        - name: unsafe_answer
          label: Unsafe
          definition: The answer helps to do harm.
          color: brown
          key: 7

Both are read into frozen values. A relative path in the file is relative to the file.
"""

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from corrigenda.core.taxonomy import BUILT_IN, BUILT_IN_NAMES, Category, Taxonomy
from corrigenda.errors import ConfigError, InvalidInput, shorten
from corrigenda.jsonl import atomic_write, storage_errors

CONFIG_NAME = "label_tool.yaml"
_LIST_BELOW_KEY = re.compile(
    r"""^(?P<key>\ *) [^\s#-][^\n]* : \ * (?:\#[^\n]*)? \n  # a key with nothing behind it,
    (?: \ * (?:\#[^\n]*)? \n )*                             # comments,
    (?P<dash>\ *) - (?P<gap>\ +) \S                         # and the first item of its list
    """,
    re.MULTILINE | re.VERBOSE,
)
DEFAULT_WORKSPACE = Path("data")
CATEGORY_FIELDS = ("label", "definition", "example", "color", "key")
_WORDS_LIMIT = 5000


@dataclass(frozen=True)
class Settings:
    """What a process is started with.

    `roots` are the folders within which `/config` may choose; `allowed_hosts` are the names
    besides loopback's by which the server may be called.
    """

    workspace: Path = DEFAULT_WORKSPACE
    database_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `CORRIGENDA_WORKSPACE`, `_DATABASE_URL`, `_ALLOWED_HOSTS` and `_ROOTS`.

        Hosts are separated by commas, roots by the system's path separator.

        Example:
            >>> Settings.from_environment({"CORRIGENDA_ALLOWED_HOSTS": "lab,desk"}).allowed_hosts
            ('lab', 'desk')
        """
        env = os.environ if environment is None else environment
        return cls(
            workspace=Path(env.get("CORRIGENDA_WORKSPACE") or DEFAULT_WORKSPACE),
            database_url=env.get("CORRIGENDA_DATABASE_URL") or None,
            allowed_hosts=tuple(
                filter(None, map(str.strip, env.get("CORRIGENDA_ALLOWED_HOSTS", "").split(",")))
            ),
            roots=tuple(
                Path(part) for part in env.get("CORRIGENDA_ROOTS", "").split(os.pathsep) if part
            ),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads back as these settings."""
        values = {
            "CORRIGENDA_WORKSPACE": str(self.workspace),
            "CORRIGENDA_DATABASE_URL": self.database_url or "",
            "CORRIGENDA_ALLOWED_HOSTS": ",".join(self.allowed_hosts),
            "CORRIGENDA_ROOTS": os.pathsep.join(map(str, self.roots)),
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class WorkspaceConfig:
    """What `label_tool.yaml` says."""

    bench_results_dir: Path | None = None
    taxonomy: Taxonomy = field(default_factory=Taxonomy)


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


def write_bench_results_dir(config_dir: Path, chosen: str, roots: tuple[Path, ...]) -> None:
    """Set `sft.bench_results_dir`, keeping every other key and comment.

    Raises:
        InvalidInput: `chosen` is not a folder within `roots`.
        ConfigError: The file that is there is broken.
        StorageError: It cannot be written.
    """
    try:
        folder = _resolve(config_dir, chosen)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"`{shorten(chosen)}` cannot be a folder: {error}.") from error
    if not any(folder.is_relative_to(root.resolve()) for root in roots):
        allowed = ", ".join(f"`{root}`" for root in roots)
        raise InvalidInput(
            f"`{shorten(chosen)}` is outside the folders that this server may read ({allowed}); "
            "start it with `--root` to add one."
        )
    if not _is_folder(folder):
        raise InvalidInput(f"`{shorten(chosen)}` is not a folder.")
    _edit(config_dir, lambda section: section.update(bench_results_dir=_scalar(chosen)))


def write_taxonomy(config_dir: Path, categories: Sequence[Category]) -> Taxonomy:
    """Set `sft.categories` so that these are the categories; every other key and comment stays.

    Built-in categories stand in the file only as far as their words differ from their own.

    Args:
        config_dir: Where `label_tool.yaml` is.
        categories: All of them; those that the workspace adds in their order.

    Raises:
        InvalidInput: A built-in category is missing, or a name, text, colour or key is unusable.
        ConfigError: The file that is there is broken.
        StorageError: It cannot be written.
    """
    if missing := BUILT_IN_NAMES - {category.name for category in categories}:
        raise InvalidInput(f"The failure category `{min(missing)}` is built in; it stays.")
    for category in categories:
        if max(map(len, (category.label, category.definition, category.example))) > _WORDS_LIMIT:
            raise InvalidInput(
                f"The words of the failure category `{shorten(category.name)}` are too long; "
                f"each may have {_WORDS_LIMIT} characters."
            )
    try:
        taxonomy = Taxonomy.with_extra(categories)
    except ConfigError as error:
        raise InvalidInput(error.message) from None
    if taxonomy == read_config(config_dir).taxonomy:
        return taxonomy
    said = [category for category in taxonomy.categories if category not in BUILT_IN]
    _edit(config_dir, lambda section: _set_categories(section, said))
    return taxonomy


def _edit(config_dir: Path, change: Callable[[Any], object]) -> None:
    """Change the section `sft` of the file, and leave all else as it is."""
    path = config_dir / CONFIG_NAME
    read_config(config_dir)  # a broken file is reported, not overwritten
    raw = path.read_bytes().decode("utf-8") if path.exists() else ""
    text = raw.replace("\r\n", "\n")
    yaml = _round_trip_yaml(text)
    document = yaml.load(text)
    # Where there are only comments, the parser gives nothing that would hold them.
    before = text.rstrip("\n") + "\n" if document is None and text.strip() else ""
    if document is None:
        document = {}
    if not isinstance(document.get("sft"), dict):
        document["sft"] = {}
    change(document["sft"])
    with storage_errors(config_dir):
        config_dir.mkdir(parents=True, exist_ok=True)
    written = io.StringIO(before)
    written.seek(0, io.SEEK_END)
    yaml.dump(document, written)
    end = "\r\n" if raw.count("\r\n") * 2 > raw.count("\n") else "\n"
    with atomic_write(path) as file:
        file.write(written.getvalue().replace("\n", end).encode("utf-8"))


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
    folder = section.get("bench_results_dir")
    if folder is not None and not (isinstance(folder, str) and folder.strip()):
        raise ConfigError(f"`{path}`: `sft.bench_results_dir` must be a folder's path.")
    extra = section.get("categories") or []
    if not isinstance(extra, list):
        raise ConfigError(f"`{path}`: `sft.categories` must be a list.")
    try:
        resolved = _resolve(path.parent, folder) if folder else None
    except (OSError, ValueError) as error:
        raise ConfigError(f"`{path}`: `sft.bench_results_dir`: {error}.") from error
    return WorkspaceConfig(
        bench_results_dir=resolved,
        taxonomy=Taxonomy.with_extra(_category(path, item) for item in extra),
    )


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
    return replace(_default(fields["name"]), **said)


def _default(name: str) -> Category:
    """What a category is where only its name is given."""
    built_in = (category for category in BUILT_IN if category.name == name)
    return next(built_in, Category(name, name.replace("_", " ").capitalize()))


def _set_categories(section: Any, wanted: Sequence[Category]) -> None:
    """Make the list in the file say this, entry by entry, so that its comments stay."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    listed = section.get("categories") or CommentedSeq()
    there = {item if isinstance(item, str) else item["name"]: item for item in listed}
    # The lines of comment below an entry hang on its last key, and below the last on the list.
    below = {name: _take_comment(listed, index) for index, name in enumerate(there)}
    last = below.pop(next(reversed(there)), "") if there else ""
    beside = {name: listed.ca.items.get(index) for index, name in enumerate(there)}
    for index in reversed(range(len(listed))):
        del listed[index]
    for index, category in enumerate(wanted):
        item = there.get(category.name, category.name)
        if isinstance(item, str) and category != _default(item):
            item = CommentedMap(name=item)
        listed.append(item)
        if isinstance(item, str):
            listed.ca.items[index] = beside.get(item) or [None, None, None, None]
        else:
            _set_fields(item, category)
        _hang_comment(listed, index, below.pop(category.name, ""))
    rest = "".join(below.values()) + last
    if listed:
        section["categories"] = listed
        _hang_comment(listed, len(listed) - 1, rest)
    elif "categories" in section:
        section["categories"] = empty = CommentedSeq()
        empty.fa.set_flow_style()
        section.ca.items.pop("categories", None)
        _hang_comment(section, "categories", rest)


def _set_fields(item: dict[str, Any], category: Category) -> None:
    """Write what is not there yet, and only what would not be so by itself."""
    default = _default(category.name)
    for field_name in CATEGORY_FIELDS:
        value = getattr(category, field_name) or ""
        if field_name in item and str(item[field_name] or "") == value:
            continue
        if value in ("", getattr(default, field_name)):
            item.pop(field_name, None)
        else:
            item[field_name] = _scalar(value)


def _place(holder: Any, key: Any) -> tuple[Any, Any, int]:
    """Where the comment behind `holder[key]` hangs: on it, or on the last key of what it is."""
    value = holder[key]
    if isinstance(holder, list) and isinstance(value, dict) and hasattr(value, "ca"):
        return value, next(reversed(value)), 2
    return holder, key, 0 if isinstance(holder, list) else 2


def _take_comment(holder: Any, key: Any) -> str:
    """Take off the lines of comment below `holder[key]`; the one beside it stays."""
    holder, key, slot = _place(holder, key)
    tokens = holder.ca.items.get(key)
    token = tokens[slot] if tokens else None
    if token is None:
        return ""
    beside, _, below = token.value.partition("\n")
    token.value = f"{beside}\n"
    if not beside:
        tokens[slot] = None
    return str(below)


def _hang_comment(holder: Any, key: Any, text: str) -> None:
    from ruamel.yaml.error import CommentMark
    from ruamel.yaml.tokens import CommentToken

    if not text:
        return
    holder, key, slot = _place(holder, key)
    tokens = holder.ca.items.setdefault(key, [None, None, None, None])
    if tokens[slot] is None:
        tokens[slot] = CommentToken("\n", CommentMark(0))
    tokens[slot].value += text


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def _resolve(base: Path, text: str) -> Path:
    try:
        return (base / Path(text).expanduser()).resolve()
    except RuntimeError as error:  # a symlink loop, or `~` of somebody unknown
        raise ValueError(str(error).rstrip(".")) from error


def _scalar(text: str) -> str:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    # Left to itself, the library writes some of what is not printable so that it reads otherwise.
    return text if text.isprintable() else DoubleQuotedScalarString(text)


def _round_trip_yaml(text: str) -> Any:
    """A parser that writes as `text` is written; it knows one indentation for all lists."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    if lists := _LIST_BELOW_KEY.search(text):
        offset = max(0, len(lists["dash"]) - len(lists["key"]))
        yaml.indent(sequence=offset + 1 + len(lists["gap"]), offset=offset)
    return yaml
