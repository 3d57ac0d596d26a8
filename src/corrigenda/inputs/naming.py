"""From what a user names to files: a path, a directory, a glob, `-`, or a URL."""

import fnmatch
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO

from corrigenda.errors import InvalidInput
from corrigenda.inputs.archive_base import is_hidden
from corrigenda.inputs.file import File, LocalFile, is_file
from corrigenda.inputs.remote import remote_files
from corrigenda.inputs.stream_file import StreamFile
from corrigenda.urls import is_url

_MAGIC = re.compile(r"[*?\[]")


def files_of(
    named: str | Path, *, within: Path | None = None, stdin: IO[bytes] | None = None
) -> list[File]:
    """The files that are meant, in a stable order; their content is not looked at yet.

    A name that exists is taken as it is, also if it has `*`, `[`, `|` or `:` in it. Below a
    directory all files are meant but hidden ones and `__pycache__`; links to files are followed,
    links to folders are not: what they lead to would be found twice, or without end.

    Args:
        named: A path, a directory (all below it), a glob (`logs/**/*.eval`), `-` for standard
            input, or a URL that fsspec knows (`s3://bucket/logs`, `https://…/samples.jsonl.gz`).
        within: The folder that must not be left, where the name came over the network; no URL
            and no standard input are taken then.
        stdin: What `-` reads; the process's own, if not given.

    Raises:
        InvalidInput: There is nothing there, it leads out of `within`, or a package is missing
            that reads the URL.
    """
    name = str(named)
    if within is not None and (name == "-" or is_url(name)):
        raise InvalidInput(f"`{name}` cannot be named here; only files can.")
    if name == "-":
        return [StreamFile(lambda: nullcontext(stdin or sys.stdin.buffer), "stdin", "-")]
    if is_url(name):
        return list(remote_files(name))
    return _local(name, within)


def _local(name: str, within: Path | None) -> list[File]:
    path = Path(name)
    mode = _mode(name)
    if stat.S_ISREG(mode):
        return [LocalFile(path, label=name, within=within)]
    if stat.S_ISDIR(mode):
        return _files(walk(path), path, within)
    if stat.S_ISFIFO(mode) and within is None:  # `<(zcat samples.jsonl.gz)` in a shell
        return [StreamFile(lambda: path.open("rb"), path.name, name)]
    if not mode and _MAGIC.search(name):
        if found := _globbed(path, within):
            return found
        raise InvalidInput(f"Nothing matches `{name}`.")
    raise InvalidInput(f"There is no file or directory `{name}`.")


def _mode(name: str) -> int:
    try:
        return Path(name).stat().st_mode if name else 0
    except PermissionError as error:
        raise InvalidInput(f"Cannot read `{name}`: {error.strerror}.") from None
    except (OSError, ValueError):  # not there; or a name that no file can have
        return 0


def _files(paths: Iterable[Path], root: Path, within: Path | None) -> list[File]:
    listings: dict[Path, list[str]] = {}
    base = "" if root == Path() else os.path.join(root, "")  # noqa: PTH118  # with its last `/`
    names = {str(path).removeprefix(base).replace(os.sep, "/"): path for path in paths}
    return [
        LocalFile(names[name], name=name, within=within, listings=listings)
        for name in sorted(names, key=lambda name: name.split("/"))
    ]


def walk(folder: Path) -> Iterator[Path]:
    """All files below a folder that a person may mean.

    Raises:
        InvalidInput: A folder cannot be read.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        for entry in _entries(here):
            if is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(here / entry.name)
            elif entry.is_file(follow_symlinks=False) or is_file(entry.path):
                yield here / entry.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InvalidInput(f"The folder `{folder}` cannot be read: {error.strerror}.") from None


def _globbed(pattern: Path, within: Path | None) -> list[File]:
    parts = pattern.parts
    first = next(place for place, part in enumerate(parts) if _MAGIC.search(part))
    root = Path(*parts[:first])
    return _files(_expanded(root, parts[first:]), root, within)


def _expanded(here: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """The files that the parts of a pattern mean; what the last one matches may be a folder.

    The standard library's glob follows links to folders, and so may not come to an end.
    """
    if not parts:
        yield from [here] if is_file(here) else _below(here)
    elif not _MAGIC.search(parts[0]):
        yield from _expanded(here / parts[0], parts[1:])
    elif parts[0] == "**":
        yield from _expanded(here, parts[1:])
        for entry in _matching(here, "**"):
            if entry.is_dir():
                yield from _expanded(here / entry.name, parts)
    else:
        for entry in _matching(here, parts[0]):
            yield from _expanded(here / entry.name, parts[1:])


def _below(here: Path) -> Iterator[Path]:
    if here.is_dir():
        yield from walk(here)


def _matching(folder: Path, part: str) -> Iterator[os.DirEntry[str]]:
    """What a part of a pattern matches in a folder: files, and folders that are no links."""
    for entry in _entries(folder) if folder.is_dir() else ():
        hidden = is_hidden(entry.name) and not part.startswith(".")
        linked = entry.is_symlink() and not is_file(entry.path)
        if fnmatch.fnmatchcase(entry.name, part) and not hidden and not linked:
            yield entry
