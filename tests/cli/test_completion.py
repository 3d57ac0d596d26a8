import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Corrigenda
from tests.fixtures.serving import CORRIGENDA


def complete(words: str) -> list[str]:
    """What Bash would offer for the last of the words."""
    env = {
        **os.environ,
        "_CORRIGENDA_COMPLETE": "complete_bash",
        "COMP_WORDS": f"corrigenda {words}",
        "COMP_CWORD": str(len(words.split(" "))),
    }
    done = subprocess.run([CORRIGENDA], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("s", ["serve", "sources", "stats", "sync"]),
        ("export --include-category s", ["scoring_artifact", "style_violation"]),
        ("export --exclude-category n", ["none"]),
        ("export --format m", ["messages"]),
        ("import --format n", ["native"]),
        ("c", ["compare"]),
        ("ev", ["evaluate"]),
        ("tr", ["train"]),
        ("train --include-category s", ["scoring_artifact", "style_violation"]),
        ("compare --format m", ["markdown"]),
        ("export -w ws --include-category u", ["unsafe_answer"]),
        ("-w ws export --include-category u", ["unsafe_answer"]),
        ("export -w broken --include-category h", ["hallucination"]),
    ],
)
def test_completes(here: Path, words: str, expected: list[str]) -> None:
    for name, text in (("ws", "sft: {categories: [unsafe_answer]}\n"), ("broken", "sft: [\n")):
        (here / name).mkdir()
        (here / name / "label_tool.yaml").write_text(text, encoding="utf-8")
    assert complete(words) == expected


def test_shows_the_script(corrigenda: Corrigenda) -> None:
    said = corrigenda("--show-completion", env={"SHELL": "/bin/bash"}, code=0).stdout
    assert "_CORRIGENDA_COMPLETE" in said
