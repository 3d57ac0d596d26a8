"""Places far away, by URL, through fsspec.

What goes there is complete first: it lies in a local file and is sent then. An object store shows
an object when all of it has arrived. Elsewhere it is sent under a name that begins with a dot and
renamed.
"""

import contextlib
import posixpath
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from corrigenda.errors import InvalidInput, StorageError
from corrigenda.urls import is_web, without_secrets, without_secrets_inside

_OBJECT_STORES = frozenset(
    ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "ocilake", "oss", "hf")
)


class Remote:
    """A file or folder behind an fsspec file system.

    Args:
        fs: The file system.
        path: The path there.
        label: The URL without what is secret in it.
    """

    def __init__(self, fs: Any, path: str, label: str) -> None:
        self._fs = fs
        self._path = path
        self._label = label
        self._stores_objects = bool(_OBJECT_STORES & set(_protocols(fs)))

    @classmethod
    def of(cls, url: str) -> Self:
        """What a URL means.

        Raises:
            InvalidInput: Nothing can be written there, or a package is missing for it.
        """
        import fsspec

        label = without_secrets(url)
        if is_web(url) or "::" in url:
            raise InvalidInput(f"`{label}` cannot be written to; name a file or an object store.")
        with _refusals(label):
            try:
                fs, path = fsspec.core.url_to_fs(url)
            except ValueError as error:  # no such protocol
                raise InvalidInput(f"`{label}` cannot be written to: {error}.") from None
        return cls(fs, str(path), label)

    @property
    def label(self) -> str:
        """The URL without what is secret in it."""
        return self._label

    @property
    def local(self) -> Path | None:
        """The path, if it is one of this machine's own files."""
        return Path(self._path) if "file" in _protocols(self._fs) else None

    def names(self) -> list[str]:
        """The names in this folder; of one that does not exist, none."""
        with _refusals(self._label):
            try:
                found = self._fs.ls(self._path, detail=False)
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(
            posixpath.basename(str(each).rstrip("/"))
            for each in found
            if str(each).strip("/") != self._path.strip("/")
        )

    def read(self, name: str) -> bytes:
        """A small file of this folder."""
        with _refusals(self._label):
            found: bytes = self._fs.cat_file(posixpath.join(self._path, name))
            return found

    def make_folder(self) -> None:
        """Make this folder; an object store has none, and would make a bucket."""
        if not self._stores_objects:
            with _refusals(self._label):
                self._fs.makedirs(self._path, exist_ok=True)

    def put(self, source: Path, name: str = "") -> None:
        """Send a local file here, or into this folder under a name.

        Raises:
            StorageError: It could not be sent; what was there before still is.
        """
        target = posixpath.join(self._path, name) if name else self._path
        folder, base = posixpath.split(target)
        hidden = posixpath.join(folder, f".{base}.{secrets.token_hex(4)}.tmp")
        with _refusals(posixpath.join(self._label, name) if name else self._label):
            if self._stores_objects:
                self._fs.put_file(str(source), target)
                return
            try:
                self._fs.put_file(str(source), hidden)
                self._fs.mv(hidden, target)
            except BaseException:
                with contextlib.suppress(Exception):
                    self._fs.rm_file(hidden)
                raise

    def remove(self, name: str) -> None:
        """Remove a file of this folder."""
        with _refusals(posixpath.join(self._label, name)):
            self._fs.rm_file(posixpath.join(self._path, name))


def _protocols(fs: Any) -> tuple[str, ...]:
    found = fs.protocol
    return (found,) if isinstance(found, str) else tuple(found)


@contextlib.contextmanager
def _refusals(label: str) -> Iterator[None]:
    """Turn what a driver raises into one sentence; each has errors of its own."""
    try:
        yield
    except (InvalidInput, StorageError, MemoryError):
        raise
    except ImportError as error:
        raise InvalidInput(
            f"To write `{label}` a package is missing: {without_secrets_inside(str(error))}."
        ) from None
    except FileNotFoundError:
        raise StorageError(f"There is no folder or bucket for `{label}`.") from None
    except Exception as error:
        reason = without_secrets_inside(str(error)).strip().split("\n")[0]
        raise StorageError(
            f"`{label}` cannot be written to: {reason or type(error).__name__}"
        ) from error
