"""`corrigenda protect`."""

import json
from pathlib import Path

from tests.cli.conftest import Corrigenda, approved, write_run

ASKED = "Which river runs through the city that was the first capital of this country?"


def test_a_protected_prompt_is_not_exported(corrigenda: Corrigenda, here: Path) -> None:
    prompt = [{"role": "user", "content": ASKED}]
    run = write_run(here / "r", approved("a", prompt_messages=prompt), approved("b"))
    corrigenda("import", run, "-w", "w")
    lines = [{"question": ASKED, "answer": "The Thames"}, {"question": "2 + 2?", "answer": "4"}]
    test_set = here / "rivers.test.jsonl"
    test_set.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    said = corrigenda("protect", test_set, "-w", "w")
    assert "Protected 2 prompts as `rivers`.\n1 prompt has too few words" in said.stderr
    rows = corrigenda("export", "-w", "w").stdout.splitlines()
    assert [json.loads(row)["messages"][0]["content"] for row in rows] == ["Question b?"]
    assert "rivers" in corrigenda("protect", "--list", "-w", "w").stdout
    (listed,) = json.loads(corrigenda("protect", "--list", "--json", "-w", "w").stdout)
    assert (listed["name"], listed["prompts"], listed["ngram"]) == ("rivers", 2, 13)
    again = corrigenda("protect", test_set, "-w", "w", code=5)
    assert "There is a protected set `rivers` already" in again.stderr
    corrigenda("protect", "--remove", "rivers", "-w", "w")
    assert len(corrigenda("export", "-w", "w").stdout.splitlines()) == 2
    assert "No benchmark is protected." in corrigenda("protect", "--list", "-w", "w").stderr


def test_files_are_sets_of_their_own_unless_they_are_named(
    corrigenda: Corrigenda, here: Path
) -> None:
    for name in ("one", "two"):
        (here / f"{name}.txt").write_text(f"What is {name}?\n", encoding="utf-8")
    corrigenda("protect", "one.txt", "two.txt", "-w", "w")
    corrigenda("protect", "one.txt", "two.txt", "--name", "both", "-w", "w")
    found = json.loads(corrigenda("protect", "--json", "-w", "w", "--list").stdout)
    assert [(each["name"], each["prompts"]) for each in found] == [
        ("one", 1),
        ("two", 1),
        ("both", 2),
    ]


def test_what_is_refused(corrigenda: Corrigenda, here: Path) -> None:
    (here / "empty.jsonl").touch()
    cases: list[tuple[list[str], str]] = [
        ([], "Say which FILE"),
        (["nothing.jsonl"], "no file or directory"),
        (["empty.jsonl"], "is empty"),
        (["-"], "--name"),
    ]
    for words, said in cases:
        result = corrigenda("protect", *words, "-w", "w", code=1)
        assert said in result.stderr
