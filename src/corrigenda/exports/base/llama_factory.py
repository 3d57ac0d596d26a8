"""What LLaMA-Factory wants beside its data: `dataset_info.json`."""

import json
from collections.abc import Mapping


def dataset_info(
    files: Mapping[str, str], formatting: str, columns: Mapping[str, str]
) -> Mapping[str, bytes]:
    """`dataset_info.json`, with an entry for each file; see `ExportFormat.beside`.

    Example:
        >>> print(dataset_info({"all": "data.jsonl"}, "sharegpt", {})["dataset_info.json"].decode())
        {
          "data": {
            "file_name": "data.jsonl",
            "formatting": "sharegpt",
            "columns": {}
          }
        }
        <BLANKLINE>
    """
    entries = {
        name.split(".")[0]: {"file_name": name, "formatting": formatting, "columns": columns}
        for name in files.values()
    }
    return {"dataset_info.json": json.dumps(entries, indent=2).encode() + b"\n"}
