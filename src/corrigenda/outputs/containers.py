"""How rows lie in a file, as its name says it: JSON lines, CSV or Parquet, packed or not."""

from pathlib import Path

from corrigenda.errors import InvalidInput, shorten

CONTAINERS = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet", "csv", "csv.gz", "csv.zst")
"""What a file may be, and how its name then ends."""

_OTHER_NAMES = {"ndjson": "jsonl", "ndjson.gz": "jsonl.gz", "ndjson.zst": "jsonl.zst"}


def container_of(name: str | Path) -> str | None:
    """Which of `CONTAINERS` a file's name says; `None` if none.

    Example:
        >>> container_of("sets/train.JSONL.gz"), container_of("train.ndjson"), container_of("x")
        ('jsonl.gz', 'jsonl', None)
    """
    lower = str(name).lower()
    for ending in (*CONTAINERS, *_OTHER_NAMES):
        if lower.endswith(f".{ending}"):
            return _OTHER_NAMES.get(ending, ending)
    return None


def chosen(name: str, otherwise: str | None) -> str:
    """The container of a file, or the one to take where the name says none.

    Args:
        name: The file's name, fit for a message.
        otherwise: One of `CONTAINERS`; `None`: the name must say it.

    Raises:
        InvalidInput: It says none, or another one was named that does not exist.
    """
    found = container_of(name) or otherwise
    if found is None:
        raise InvalidInput(
            f"The name `{shorten(name)}` does not say how to write the rows; it must end in "
            + _listed(tuple(f"`.{each}`" for each in CONTAINERS))
            + "."
        )
    if found not in CONTAINERS:
        raise InvalidInput(f"Unknown container `{shorten(found)}`; known are " + _known() + ".")
    return found


def split(container: str) -> tuple[str, str]:
    """Encoding and compression of a container; without compression `""`.

    Example:
        >>> split("csv.gz"), split("parquet")
        (('csv', 'gz'), ('parquet', ''))
    """
    encoding, _, compression = container.partition(".")
    return encoding, compression


def _known() -> str:
    return ", ".join(f"`{each}`" for each in CONTAINERS)


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
