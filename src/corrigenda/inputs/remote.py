"""Files far away, by URL, through fsspec: object stores, web servers, memory."""

import contextlib
import io
import posixpath
import re
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from corrigenda.errors import InvalidInput
from corrigenda.inputs.archive_base import is_hidden
from corrigenda.inputs.compressed import ENDINGS, plain_name
from corrigenda.inputs.file import StoredFile
from corrigenda.urls import is_web, without_secrets, without_secrets_inside

_MAGIC = re.compile(r"[*?\[]")
_STAR = re.compile(r"\*")


def remote_files(url: str) -> list["RemoteFile"]:
    """The files that a URL means: one, all below a folder, or those that a glob matches.

    Raises:
        InvalidInput: There is nothing there, or a package is missing that reads it.
    """
    label = without_secrets(url)
    with _refusals(label):
        fs, path = _opened(url, label)
        if _is_file(fs, path, url):
            return [RemoteFile(fs, path, posixpath.basename(_path_in(path)), label)]
        is_glob = bool(_magic(url).search(path))
        found = fs.glob(path, detail=True) if is_glob else fs.find(path, detail=True)
        root = _fixed_part(path) if is_glob else path
        files = sorted(_below(fs, found, root))
    if not files:
        raise InvalidInput(f"There is nothing at `{label}`.")
    base = label[: len(label) - len(path) + len(root)] if label.endswith(path) else label
    return [
        RemoteFile(fs, place, name, f"{base.rstrip('/')}/{name}", size)
        for name, place, size in files
    ]


class RemoteFile(StoredFile):
    """A file behind an fsspec file system.

    Args:
        fs: The file system.
        path: Its path there.
        name: See `File.name`.
        label: See `File.label`; it holds no password and no signature.
        size: Its bytes, if they are known already.
    """

    def __init__(self, fs: Any, path: str, name: str, label: str, size: int | None = None) -> None:
        super().__init__(unquote(name), label)
        self._fs = fs
        self._path = path
        self._size = size
        self._asked = size is not None

    @property
    def size(self) -> int | None:
        """Its bytes, if the other side tells."""
        if not self._asked:
            with contextlib.suppress(InvalidInput), _refusals(self.label):
                self._size = self._fs.info(self._path).get("size")
            self._asked = True
        return self._size

    def beside(self, path: str) -> "RemoteFile | None":
        """See `File.beside`."""
        folder = posixpath.dirname(self._path)
        for ending in ("", *ENDINGS):
            found = posixpath.normpath(path + ending)
            place, label = _joined(folder, found), _joined(posixpath.dirname(self.label), found)
            with _refusals(label):
                if self._fs.isfile(place):
                    name = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), path))
                    return RemoteFile(self._fs, place, name, label)
        return None

    def siblings(self) -> list[str]:
        """See `File.siblings`; a server that does not list has none."""
        folder = posixpath.dirname(self._path)
        try:
            with _refusals(self.label):
                found = self._fs.ls(folder, detail=True)
        except InvalidInput:
            return []
        files = (posixpath.basename(each["name"]) for each in found if each["type"] == "file")
        return sorted({plain_name(name) for name in files})

    def _stored(self) -> io.RawIOBase:
        with _refusals(self.label):
            return _Remote(self._fs.open(self._path, "rb"), self.label)


class _Remote(io.RawIOBase):
    """A remote stream whose errors are sentences."""

    def __init__(self, stream: IO[bytes], label: str) -> None:
        self._stream = stream
        self._label = label

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _refusals(self._label), memoryview(buffer).cast("B") as view:
            data = self._stream.read(len(view))
            view[: len(data)] = data
            return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _opened(url: str, label: str) -> tuple[Any, str]:
    import fsspec

    try:
        fs, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise InvalidInput(f"To read `{label}` a package is missing: {error}.") from None
    except ValueError as error:
        raise InvalidInput(f"`{label}` cannot be read: {error}.") from None
    return fs, str(path)


def _is_file(fs: Any, path: str, url: str) -> bool:
    if is_web(url):  # a folder there is a page of links
        return not url.endswith("/") and not _magic(url).search(path)
    return bool(fs.isfile(path))


def _magic(url: str) -> re.Pattern[str]:
    """What makes a URL a glob; a `?` begins the query of a web address."""
    return _STAR if is_web(url) else _MAGIC


def _path_in(path: str) -> str:
    return urlsplit(path).path if is_web(path) else path


def _fixed_part(path: str) -> str:
    """The folder that all matches of a glob are in."""
    found = _MAGIC.search(path)
    return posixpath.dirname(path[: found.start()]) if found else path


def _below(fs: Any, found: dict[str, Any], root: str) -> Iterator[tuple[str, str, int | None]]:
    """The name below the root, the path, and the size of each file that a person may mean."""
    for path, info in found.items():
        folder = info["type"] == "directory"
        inner = fs.find(path, detail=True) if folder else {path: info}
        for place, about in inner.items():
            name = place.removeprefix(root).strip("/")
            if not any(is_hidden(part) for part in name.split("/")):
                yield name, place, about.get("size")


def _joined(folder: str, path: str) -> str:
    """A path from a folder; `..` stops at the host of a URL."""
    scheme, mark, rest = folder.rpartition("://")
    return scheme + mark + posixpath.normpath(posixpath.join(rest, path))


@contextlib.contextmanager
def _refusals(label: str) -> Iterator[None]:
    """Turn what a driver raises into one sentence; each has errors of its own."""
    try:
        yield
    except (InvalidInput, MemoryError):
        raise
    except FileNotFoundError:
        raise InvalidInput(f"There is nothing at `{label}`.") from None
    except ImportError as error:
        raise InvalidInput(f"To read `{label}` a package is missing: {error}.") from None
    except Exception as error:
        reason = without_secrets_inside(str(error)).strip().split("\n")[0] or type(error).__name__
        raise InvalidInput(f"`{label}` cannot be read: {reason}") from error
