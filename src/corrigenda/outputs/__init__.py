"""Outputs: files as a user names them, written whole or not at all, packed as their names say.

    with open_output("train.jsonl.gz") as rows:
        rows.write({"messages": [{"role": "user", "content": "2 + 2?"}]})
    rows.rows, rows.bytes, rows.sha256

    with open_folder("s3://bucket/sets/v1") as folder:
        with folder.writers("train.parquet", "validation.parquet") as (train, validation):
            train.write(…)
        folder.write("manifest.json", b"{…}")

It knows encodings, compressions and places, and nothing of what the rows mean. The same rows give
the same bytes, and memory does not grow with their number.
"""

from corrigenda.outputs.containers import CONTAINERS, container_of
from corrigenda.outputs.folder import Folder, open_folder
from corrigenda.outputs.opening import open_output
from corrigenda.outputs.writers import RowWriter

__all__ = ["CONTAINERS", "Folder", "RowWriter", "container_of", "open_folder", "open_output"]
