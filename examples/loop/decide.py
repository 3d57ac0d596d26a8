"""Review the benchmark as somebody would who knows the right answers.

    python decide.py WORKSPACE

Each failure is corrected with its reference answer, and said to be wrong or of a wrong form. The
first of them is let go as a scoring artifact instead, as if its answer were fine: it must not be
trained on.
"""

import sys

import corrigenda

WHY = {"shout": "wrong_answer", "list": "format_error"}


def main(folder: str) -> None:
    """Decide on everything that waits."""
    with corrigenda.open(folder) as workspace:
        waiting = workspace.queue(limit=500).items
        for number, card in enumerate(waiting):
            if number == 0:
                workspace.submit(
                    card["id"], "discard", failure_category="scoring_artifact", reviewer="example"
                )
            else:
                workspace.submit(
                    card["id"],
                    "correct",
                    corrected_response=card["reference_answer"],
                    failure_category=WHY[card["task_name"]],
                    reviewer="example",
                )
        print(f"Decided on {len(waiting)} failures.")


if __name__ == "__main__":
    main(sys.argv[1])
