"""Protected prompts: read from any file, found in any prompt that holds them, never exported."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda.errors import Conflict, InvalidInput, NotFound, UnknownCandidate
from corrigenda.store import Database
from corrigenda.workbench import Workspace, prompt_files
from corrigenda.workbench.protected_index import Index, IndexedSet, index_of
from tests.workbench.desk import fill, opened, record

LONG = [
    "A train leaves Ulm at nine and runs at eighty kilometres an hour for three hours; "
    f"how far has it come when its driver, who is {age}, stops to feed {n} hungry ducks?"
    for age, n in ((31, 4), (52, 6), (47, 9))
]
DUCKS = (
    "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes "
    "muffins for her friends every day with four. How much does she make with the rest?"
)
SHORT = "What is the capital of France?"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with corrigenda.open(tmp_path / "workspace") as found:
        yield found


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def how(database: Database, text: str) -> str | None:
    found = index_of(database).find(user(text))
    return found.how if found else None


HOLDING = {
    "the same": (DUCKS, "exact"),
    "in capitals": (DUCKS.upper(), "exact"),
    "without marks": (DUCKS.replace(".", " ").replace("'", "\u2019"), "exact"),
    "with instructions": (f"Think step by step.\n\nQ: {DUCKS}\nA:", "overlap"),
    "among examples": (
        f"Question: 1 + 1?\nAnswer: 2\n\nQuestion: {DUCKS}\nAnswer: 9\n\nQuestion: 2 + 2?",
        "overlap",
    ),
    "most of it": (DUCKS[: len(DUCKS) * 4 // 5], "overlap"),
    "a little of it": (DUCKS[: len(DUCKS) // 3], None),
    "other numbers": ("Janet's ducks lay 20 eggs. She eats 4. How many are left?", None),
    "a short one": (SHORT.lower(), "exact"),
    "a short one among others": (f"Q: Is it?\nA: No.\nQ: {SHORT}\nA:", "overlap"),
    "a short one that goes on": (f"{SHORT[:-1]} and of Spain?", None),
    "a very short one": ("2 + 2?", "exact"),
    "a very short one with more": ("Add: 2 + 2?", None),
    "another sign": ("2 - 2?", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize("case", HOLDING)
def test_what_holds_a_protected_prompt(workspace: Workspace, case: str) -> None:
    said = workspace.protect("set", texts=[DUCKS, SHORT, "2 + 2?"])
    assert said == {"name": "set", "prompts": 3, "short": 1}
    text, wanted = HOLDING[case]
    assert how(workspace.database, text) == wanted


def test_an_earlier_message_counts_as_well(workspace: Workspace) -> None:
    workspace.protect("set", texts=[DUCKS])
    index = index_of(workspace.database)
    said = [*user(DUCKS), {"role": "assistant", "content": "9"}, *user("Are you sure?")]
    assert index.find(said) is not None
    parts = [{"role": "user", "content": [{"type": "text", "text": DUCKS}]}]
    assert index.find(parts) is not None
    assert index.find([]) is None


def test_a_last_message_of_few_words_is_nothing_alone(workspace: Workspace) -> None:
    talk = [*user("Name the capital of France."), *user("And of Spain?")]
    workspace.protect("talks", texts=[talk])
    index = index_of(workspace.database)
    assert index.find(talk) is not None
    assert index.find([*user("Name the river of Rome."), *user("And of Spain?")]) is None


def test_the_text_of_a_template_does_not_count(workspace: Workspace) -> None:
    rules = (
        "Solve the following problem with care and say each of your steps. The last line of "
        "your answer must be the word Answer and a number, with nothing after it.\n\n"
    )
    places = ["Ulm", "Rome", "Paris", "Bonn", "Kiel", "Graz", "Linz", "Bern", "Oslo", "York"]
    asked = [
        f"In {place} a baker sells {n} rolls to each of the first {n + 3} guests of a day, and "
        f"keeps {n + 1} for the poor of {place}: how many did that baker of {place} bake?"
        for n, place in enumerate(places * 2)
    ]
    workspace.protect("rolls", texts=[rules + each for each in asked])
    assert how(workspace.database, rules + "What is seven times eight?") is None
    for each in asked:
        assert how(workspace.database, each) == "overlap"


def test_sets_are_added_listed_and_removed(workspace: Workspace) -> None:
    workspace.protect("one", texts=[DUCKS], reviewer="kim")
    workspace.protect("two", texts=[DUCKS, SHORT], ngram=8)
    found = workspace.protected()
    assert [(s["name"], s["prompts"], s["ngram"], s["created_by"]) for s in found] == [
        ("one", 1, 13, "kim"),
        ("two", 2, 8, "local"),
    ]
    with pytest.raises(Conflict, match="`one` already"):
        workspace.protect("one", texts=[SHORT])
    before = index_of(workspace.database)
    assert index_of(workspace.database) is before
    workspace.unprotect("one")
    workspace.unprotect("two")
    assert workspace.protected() == []
    assert not index_of(workspace.database)
    with pytest.raises(NotFound):
        workspace.unprotect("one")


@pytest.mark.parametrize(
    "asked",
    [
        {"texts": []},
        {"texts": ["", " \n"]},
        {"texts": ["a"], "ngram": 5},
        {"texts": ["a"], "ngram": 51},
        {"texts": ["a"], "name": ""},
        {"texts": ["a"], "name": "\x00"},
    ],
    ids=str,
)
def test_what_cannot_be_protected(workspace: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        workspace.protect(**{"name": "set", **asked})
    assert workspace.protected() == []


ROWS = [{"id": n, "question": text, "answer": "9"} for n, text in enumerate((DUCKS, SHORT))]


def lines(*values: object) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


FILES: dict[str, bytes] = {
    "test.jsonl": lines(*ROWS),
    "test.jsonl.gz": gzip.compress(lines(*ROWS)),
    "test.json": json.dumps(ROWS).encode(),
    "columns.json": json.dumps({"data": ROWS}).encode(),
    "texts.json": json.dumps([DUCKS, SHORT]).encode(),
    "texts.jsonl": lines(DUCKS, SHORT),
    "test.csv": f'id,question\n1,"{DUCKS}"\n2,{SHORT}\n'.encode(),
    "one_column.csv": f'question\n"{DUCKS}"\n{SHORT}\n'.encode(),
    "test.tsv": f"id\tprompt\n1\t{DUCKS}\n2\t{SHORT}\n".encode(),
    "test.txt": f"\ufeff{DUCKS}\r\n\r\n{SHORT}\r\n".encode(),
    "messages.jsonl": lines({"prompt_messages": user(DUCKS)}, {"prompt_messages": user(SHORT)}),
    "chats.jsonl": lines({"messages": user(DUCKS)}, {"messages": user(SHORT)}),
    "other_name.jsonl": lines({"ctx": DUCKS}, {"ctx": SHORT}),
    "native.jsonl": lines(
        record("a", prompt_messages=user(DUCKS)), record("b", prompt_messages=user(SHORT))
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    assert list(prompt_files.prompts_in(path, ngram=13)) == [DUCKS, SHORT]


def test_a_parquet_file(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "test.parquet")
    assert list(prompt_files.prompts_in(tmp_path / "test.parquet", ngram=13)) == [DUCKS, SHORT]


def test_a_folder_of_several(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(ROWS[0]))
    (tmp_path / "b.csv").write_bytes(f"id,question\n2,{SHORT}\n".encode())
    (tmp_path / "LICENSE").write_text("Do what you like.", encoding="utf-8")
    assert list(prompt_files.prompts_in(tmp_path, ngram=13)) == [DUCKS, SHORT]


def test_the_column_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_bytes(lines({"task": {"said": DUCKS}, "question": SHORT}))
    assert list(prompt_files.prompts_in(path, "task.said", ngram=13)) == [DUCKS]
    with pytest.raises(InvalidInput, match="`nothing` is no column"):
        list(prompt_files.prompts_in(path, "nothing", ngram=13))


def test_a_short_question_is_one_with_its_choices(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    asked = {"question": "Which of these is true?", "choices": ["Snow is white.", "Grass is red."]}
    path.write_bytes(lines(asked, {**asked, "question": DUCKS}))
    short, long = prompt_files.prompts_in(path, ngram=13)
    assert short.startswith("Which of these is true?")
    assert "Snow is white." in short
    assert long == DUCKS


BROKEN = {
    "a line that is no JSON": (
        "test.jsonl",
        lines(ROWS[0]) + b"{oops\n" + lines(ROWS[1]),
        "test.jsonl:2",
    ),
    "a cut line": ("test.jsonl", lines(*ROWS)[:-20], "middle of a record"),
    "no such column": ("test.jsonl", lines({"answer": "4", "n": 1}), "--field"),
    "no text": ("test.txt", b"\xff\xfe\x00", "UTF-8"),
    "nothing": ("test.jsonl", b"", "is empty"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_protects_nothing(workspace: Workspace, tmp_path: Path, case: str) -> None:
    name, content, said = BROKEN[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=said):
        workspace.protect("set", [tmp_path / name])
    assert workspace.protected() == []


# ---- exports and the desk


def test_bare_exports_leave_protected_prompts_out(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(
            workspace,
            *(
                record(name, prompt_messages=user(text), status="approved", corrected_response="9")
                for name, text in (("a", DUCKS), ("b", f"Please: {DUCKS}"), ("c", LONG[0]))
            ),
        )
        assert len(list(workspace.export())) == 3
        workspace.protect("ducks", texts=[DUCKS])
        for name in ("messages", "prompt_completion", "preference"):
            assert len(list(workspace.export(format=name))) == 1
        assert len(list(workspace.export(format="kto"))) == 2
        assert len(list(workspace.export(format="candidates"))) == 3
        workspace.unprotect("ducks")
        assert len(list(workspace.export())) == 3


def test_obstacles(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(
            workspace,
            record("free", prompt_messages=user("What is 2 + 2?")),
            record("known", prompt_messages=user(DUCKS)),
            record("within", prompt_messages=user(f"Please: {DUCKS}")),
            record("out", held_out=True),
        )
        assert workspace.obstacles("known") == []
        workspace.protect("ducks", texts=[DUCKS])
        found = {name: workspace.obstacles(name) for name in ("free", "known", "within", "out")}
        assert found["free"] == []
        assert [each["reason"] for each in found["known"]] == ["protected"]
        assert "is in the protected set `ducks`" in found["known"][0]["message"]
        assert "half of one in the protected set `ducks`" in found["within"][0]["message"]
        assert [each["reason"] for each in found["out"]] == ["held_out"]
        with pytest.raises(UnknownCandidate):
            workspace.obstacles("nobody")


def test_what_is_too_long_or_held_back_is_said(workspace: Workspace) -> None:
    (workspace.config_dir / "label_tool.yaml").write_text("sft: {max_length: 40}\n", "utf-8")
    fill(
        workspace,
        record("long", prompt_messages=user(DUCKS)),
        record("reference", reference_answer="9" * 50),
        record("short", model_response="<think>Two and two is five.</think>5"),
    )
    assert [each["reason"] for each in workspace.obstacles("long")] == ["too_long"]
    assert "training takes 40" in workspace.obstacles("reference")[0]["message"]
    assert workspace.obstacles("short") == []
    workspace.submit("short", "correct", corrected_response="4")
    assert [each["reason"] for each in workspace.obstacles("short")] == ["held_back"]


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Index().find(user(DUCKS)) is None
    assert Index([IndexedSet("empty", 13, [])]).find(user(DUCKS)) is None
