"""`evaluate`: what it says, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Corrigenda, record, write_run
from tests.fixtures.chat_endpoint import ChatEndpoint, chat_endpoint, said


@pytest.fixture
def server() -> Iterator[ChatEndpoint]:
    with chat_endpoint(small=said("right")) as found:
        yield found


@pytest.fixture
def asked(here: Path, corrigenda: Corrigenda, server: ChatEndpoint) -> list[str]:
    """The words of a command that asks three prompts, one of them without a reference."""
    exact = {"scoring": {"kind": "exact", "params": {}}}
    run = write_run(
        here / "bench/before",
        record("a", reference_answer="right", **exact),
        record("b", reference_answer="other", held_out=True, **exact),
        record("c"),
    )
    corrigenda("import", run)
    return ["evaluate", "before", "--endpoint", server.address, "--model", "small"]


def test_says_what_it_found(corrigenda: Corrigenda, asked: list[str]) -> None:
    done = corrigenda(*asked, "--as", "after")
    assert done.stdout.splitlines() == [
        "Evaluated small on 3 prompts (1 held out) as the run `after`.",
        "  passed    1",
        "  failed    1",
        "  unscored  1",
        "The failures are set aside, and do not wait for review; `corrigenda compare RUN after "
        "--queue NAME` queues those that matter.",
    ]
    assert done.stderr.splitlines() == [
        "1 answer cannot be scored: The log names neither a rule nor a reference."
    ]
    assert Path("data/evaluations/after/evaluation.json").exists()
    assert "fixed" in corrigenda("compare", "before", "after").stdout
    again = corrigenda(*asked, "--as", "after").stdout
    assert "3 answers had been given before." in again.splitlines()


def test_for_programs(corrigenda: Corrigenda, asked: list[str], here: Path) -> None:
    done = json.loads(
        corrigenda(
            *asked, "--as", "after", "--json", "--queue", "--held-out", "--failures-only",
            "--limit", "5", "--repeats", "2", "--temperature", "0.5", "--max-new-tokens", "9",
            "--seed", "4", "--concurrency", "1", "--timeout", "9", "--output", here / "there",
        ).stdout
    )  # fmt: skip
    assert done["counts"]["asked"] == 2
    assert done["settings"] == {"temperature": 0.5, "max_new_tokens": 9, "seed": 4}
    assert done["prompts"]["repeats"] == 2
    assert done["imported"]["imported"] == 2
    told = json.loads((here / "there/evaluation.json").read_text("utf-8"))
    assert told == {key: value for key, value in done.items() if key != "imported"}
    waiting = json.loads(corrigenda("stats", "--json").stdout)["by_status"]["needs_review"]
    assert waiting == 5


def test_the_run_can_be_imported_elsewhere(
    corrigenda: Corrigenda, asked: list[str], here: Path
) -> None:
    corrigenda(*asked, "--as", "after")
    said = corrigenda("import", "-w", "other", here / "data/evaluations/after").stdout
    assert said.splitlines()[0] == "Imported 1 candidate and 1 pass."
    assert "by_status" in (told := json.loads(corrigenda("stats", "-w", "other", "--json").stdout))
    assert told["by_status"]["discarded"] == 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["none", "--model", "small", "--as", "x"], 4, "There is no run `none`"),
        (["before", "--model", "nowhere", "--as", "x"], 1, "There is no model `nowhere`"),
        (["before", "--model", "small", "--as", "a/b"], 1, "`a/b` cannot be the new run's id"),
        (["before", "--model", "m", "--as", "x", "--endpoint", "h"], 1, "An endpoint is an addr"),
        (["before", "--model", "m", "--as", "x", "--repeats", "0"], 1, "`repeats` must be"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_refuses(corrigenda: Corrigenda, words: list[str], code: int, sentence: str) -> None:
    said = corrigenda("evaluate", *words, code=code).stderr
    assert said.startswith(f"Error: {sentence}")
    assert len(said.splitlines()) == 1


def test_an_endpoint_needs_no_python(corrigenda: Corrigenda, asked: list[str], here: Path) -> None:
    env = {"CORRIGENDA_TRAIN_PYTHON": str(here / "gone")}
    corrigenda(*asked, "--as", "after", env=env)
    words = ["evaluate", "before", "--model", "small", "--as", "x"]
    assert "There is no Python" in corrigenda(*words, code=1, env=env).stderr


def test_what_is_missing_is_no_success(
    corrigenda: Corrigenda, asked: list[str], server: ChatEndpoint
) -> None:
    server.faults = [400]
    said = corrigenda(*asked, "--as", "after", "--concurrency", "1", code=3)
    assert "The same command asks again for the answers that are missing." in said.stdout
    corrigenda(*asked, "--as", "after")
    server.faults = [400] * 3
    said = corrigenda(*asked, "--as", "later", code=3)
    assert said.stdout.splitlines()[0] == (
        "Asked small 3 prompts (1 held out). No answer can be scored, so no run was made."
    )
    assert corrigenda("compare", "before", "later", code=4).stderr.startswith("Error: ")


def test_failures_that_are_set_aside_stay_so(corrigenda: Corrigenda, asked: list[str]) -> None:
    corrigenda(*asked, "--as", "after")
    said = corrigenda(*asked, "--as", "after", "--queue").stdout
    assert "Failures that were here already stay as they are" in said


def test_an_endpoint_that_refuses(
    corrigenda: Corrigenda, asked: list[str], server: ChatEndpoint
) -> None:
    server.key = "s3cret"
    env = {"OUR_KEY": "wrong-one"}
    words = [*asked, "--as", "after", "--api-key-env", "OUR_KEY"]
    said = corrigenda(*words, code=1, env=env).output
    assert "Error: The endpoint refuses to answer as `small`: HTTP 401, Wrong key." in said
    assert "wrong-one" not in said
    corrigenda(*words, env={"OUR_KEY": "s3cret"})
