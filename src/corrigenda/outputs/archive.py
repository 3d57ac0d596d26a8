"""Archives: several files in one, a tar that is packed with Zstandard.

The last member lists the others with their SHA-256, so that whoever reads an archive knows that
it is whole and as it was written.
"""

import contextlib
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from corrigenda.errors import InvalidInput

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENDING = ".tar.zst"
CHECKSUMS = "checksums.json"

_CHUNK = 1 << 20
_DAMAGED = (tarfile.TarError, zstd.ZstdError, EOFError, ValueError)


class Packing:
    """Writes an archive, one file after the other; `finish` makes it whole."""

    def __init__(self, file: IO[bytes]) -> None:
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: 3,
            zstd.CompressionParameter.checksum_flag: 1,
        }
        self._packed = zstd.ZstdFile(file, "wb", options=options)
        self._tar = tarfile.TarFile.open(fileobj=self._packed, mode="w|", format=tarfile.PAX_FORMAT)
        self._sums: dict[str, str] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file; one that grows meanwhile is cut off where it ended."""
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            self._add(name, file, size, int(path.stat().st_mtime))

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a small file."""
        self._add(name, io.BytesIO(data), len(data), 0)

    def finish(self) -> None:
        """Write the list of what is in it."""
        data = json.dumps(self._sums, indent=1).encode("ascii")
        self._add(CHECKSUMS, io.BytesIO(data), len(data), 0)
        self._tar.close()
        self._packed.close()

    def _add(self, name: str, file: IO[bytes], size: int, mtime: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, mtime, 0o644
        hashed = Hashed(file)
        self._tar.addfile(member, hashed)
        self._sums[name] = hashed.sha256


class Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def sha256(self) -> str:
        """Of what was read so far, in hex."""
        return self._hash.hexdigest()


def members(path: Path) -> Iterator[tuple[str, Hashed]]:
    """The files of an archive, in order: name and content; at the end all are checked.

    What is not read of a file by the time of the next is read then.

    Raises:
        InvalidInput: It is no archive of ours, damaged, or cut short.
    """
    with (
        _refusing(path),
        path.open("rb") as file,
        zstd.ZstdFile(file) as unpacked,
        tarfile.open(fileobj=unpacked, mode="r|") as tar,
    ):
        yield from _checked(path, tar)
        while unpacked.read(_CHUNK):  # at its end stands a checksum of it all
            pass


def _checked(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, Hashed]]:
    sums: dict[str, str] = {}
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or not _is_plain(member.name):
            raise InvalidInput(f"`{path}` is not a backup of Corrigenda.")
        hashed = _Member(content, path)
        if member.name == CHECKSUMS:
            if json.loads(hashed.read()) != sums:
                raise InvalidInput(f"`{path}` is damaged: its files are not as they were written.")
            return
        yield member.name, hashed
        while hashed.read(_CHUNK):
            pass
        sums[member.name] = hashed.sha256
    raise InvalidInput(f"`{path}` is cut short, or not a backup of Corrigenda.")


class _Member(Hashed):
    """A file in an archive; whoever reads it is told in one sentence if it is damaged."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(file)
        self._path = path

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        with _refusing(self._path):
            return super().read(size)


def _is_plain(name: str) -> bool:
    """Whether a member's name stays within the folder that it is unpacked into."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise InvalidInput(f"`{path}` is damaged, or not a backup of Corrigenda.") from error
