"""Where the bytes of a file pass on their way: packed, counted and hashed."""

import hashlib
import io
import sys
import zlib
from typing import IO, Any, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 256 * 1024
_GZIP = 31  # zlib's window bits for a gzip stream; it writes neither a name nor a time
_GZIP_LEVEL = 6


class _Compressor(Protocol):
    def compress(self, data: bytes) -> bytes: ...
    def flush(self) -> bytes: ...


class Sink(io.RawIOBase):
    """Bytes on their way into a file.

    Closing it does not finish it: what is left over after an error is thrown away.

    Args:
        file: Takes the packed bytes.
        compression: `gz`, `zst` or `""`.
        level: How hard Zstandard tries.

    Attributes:
        bytes: How many were stored, once it is finished.
        sha256: Of the stored bytes, in hex, once it is finished.
    """

    def __init__(self, file: IO[bytes], compression: str = "", *, level: int = 3) -> None:
        self._file = file
        self._compressor = _compressor(compression, level)
        self._waiting = bytearray()
        self._given = 0
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.sha256 = ""

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How many bytes were written to it, before they were packed."""
        return self._given

    def write(self, data: Any) -> int:
        """Take all of it; it is stored in large pieces."""
        self._waiting += data
        size = memoryview(data).nbytes
        self._given += size
        if len(self._waiting) >= _CHUNK:
            self._pass_on()
        return size

    def finish(self) -> None:
        """Store what is left."""
        self._pass_on()
        if self._compressor is not None:
            self._store(self._compressor.flush())
        self._file.flush()
        self.sha256 = self._hash.hexdigest()

    def _pass_on(self) -> None:
        data, self._waiting = bytes(self._waiting), bytearray()
        self._store(data if self._compressor is None else self._compressor.compress(data))

    def _store(self, data: bytes) -> None:
        self._hash.update(data)
        self.bytes += len(data)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]  # an unbuffered file may take a part


def _compressor(compression: str, level: int) -> _Compressor | None:
    if compression == "gz":
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    if compression == "zst":
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: level,
            zstd.CompressionParameter.checksum_flag: 1,
        }
        return zstd.ZstdCompressor(options=options)
    return None
