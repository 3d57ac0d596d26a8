"""Packs rows of given lengths by TRL: prints `[[sequences, longest], …]`.

python packed.py '[[[5, 2, 3, 1], 4], …]'
"""

import json
import sys


def main(asked: str) -> None:
    from datasets import Dataset
    from trl import SFTConfig, pack_dataset

    strategy = SFTConfig(output_dir="unused", use_cpu=True, report_to="none").packing_strategy
    found = []
    for lengths, limit in json.loads(asked):
        rows = Dataset.from_dict({"input_ids": [[0] * n for n in lengths]})
        ids = pack_dataset(rows, limit, strategy)["input_ids"]
        found.append([len(ids), max(map(len, ids))])
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
