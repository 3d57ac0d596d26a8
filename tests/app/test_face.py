"""The old face: which workspace its globals name, and that setting them opens nothing."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from starlette.testclient import TestClient

from app import sft
from app.api import app
from app.utils import append_jsonl, read_jsonl, write_jsonl
from corrigenda.api.schemas import SubmitRequest
from corrigenda.core.taxonomy import FailureCategory

BODY = {"id": "a", "action": "correct", "corrected_response": "4"}


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = (sft._SFT_DATA_DIR, sft._SFT_CONFIG_DIR)
    yield
    sft.set_sft_data_dir(before[0])
    sft.set_sft_config_dir(before[1])


@pytest.fixture
def client() -> TestClient:
    return TestClient(app)


def use(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    sft.set_sft_data_dir(folder)
    sft.set_sft_config_dir(folder)
    return folder


def put(folder: Path, *ids: str) -> None:
    records = [{"id": name, "model_response": "5"} for name in ids]
    write_jsonl(folder / "sft_candidates.jsonl", records)


_others: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _note_others() -> None:
    """The threads of workspaces that an earlier test in this process has left open."""
    _others.clear()
    _others.update(threading.enumerate())


def ours() -> set[str]:
    found = set(threading.enumerate()) - _others
    return {thread.name for thread in found if thread.name.startswith("corrigenda")}


def test_the_names_that_others_import() -> None:
    assert sft.SubmitRequest is SubmitRequest
    assert get_args(sft.FailureCategory) == get_args(FailureCategory)
    assert len(get_args(sft.FailureCategory)) == 6


def test_none_means_the_folders_beside_the_package() -> None:
    root = Path(sft.__file__).parent.parent
    sft.set_sft_data_dir(None)
    sft.set_sft_config_dir(None)
    assert sft._SFT_DATA_DIR is None
    assert sft._SFT_CONFIG_DIR is None
    assert sft._candidates_file() == root / "data" / "sft_candidates.jsonl"
    assert sft._approved_file() == root / "data" / "sft_approved.jsonl"


def test_the_default_folders_are_used_and_made(
    tmp_path: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sft, "_ROOT", tmp_path)
    sft.set_sft_data_dir(None)
    sft.set_sft_config_dir(None)
    assert client.get("/api/sft/stats").json()["total"] == 0
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "label_tool.yaml").write_text("sft: [", encoding="utf-8")
    assert client.get("/api/sft/runs").status_code == 422
    assert (tmp_path / "data" / "corrigenda.db").is_file()


def test_a_setter_keeps_what_it_was_given_and_opens_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "not there"
    sft.set_sft_data_dir(folder)
    sft.set_sft_config_dir(folder)
    assert (folder, folder) == (sft._SFT_DATA_DIR, sft._SFT_CONFIG_DIR)
    assert sft._candidates_file().parent == folder
    assert not folder.exists()
    assert ours() == set()


@pytest.mark.parametrize("setter", ["set_sft_data_dir", "set_sft_config_dir"])
def test_a_setter_closes_the_previous_workspace(
    tmp_path: Path, client: TestClient, setter: str
) -> None:
    one = use(tmp_path / "one")
    put(one, "a", "b")
    assert client.post("/api/sft/submit", json=BODY).status_code == 200
    previous = sft.workspace()
    assert ours()
    getattr(sft, setter)(tmp_path / "two")
    assert previous.closed
    assert ours() == set()
    statuses = {r["id"]: r["status"] for r in read_jsonl(one / "sft_candidates.jsonl")}
    assert statuses == {"a": "approved", "b": "needs_review"}
    assert [r["id"] for r in read_jsonl(one / "sft_approved.jsonl")] == ["a"]
    assert list((tmp_path / "two").glob("*")) == []


def test_the_same_folder_again_is_closed_and_opened_again(
    tmp_path: Path, client: TestClient
) -> None:
    one = use(tmp_path / "one")
    put(one, "a")
    client.post("/api/sft/submit", json=BODY)
    first = sft.workspace()
    assert sft.workspace() is first
    sft.set_sft_data_dir(one)
    assert sft.workspace() is not first
    assert client.get("/api/sft/stats").json()["by_status"]["approved"] == 1


def test_each_request_goes_to_the_folder_of_that_moment(tmp_path: Path, client: TestClient) -> None:
    folders = [use(tmp_path / name) for name in ("one", "two")]
    for number, folder in enumerate(folders):
        put(folder, *"abc"[: number + 1])
    for _ in range(3):
        for number, folder in enumerate(folders):
            use(folder)
            found = client.get("/api/sft/queue").json()["items"]
            assert [item["id"] for item in found] == list("abc"[: number + 1])
    assert len(ours()) <= 2  # those of one workspace


def test_the_globals_themselves_may_be_set(tmp_path: Path, client: TestClient) -> None:
    one, two = use(tmp_path / "one"), tmp_path / "two"
    put(one, "a")
    two.mkdir()
    assert client.get("/api/sft/stats").json()["total"] == 1
    sft._SFT_DATA_DIR = sft._SFT_CONFIG_DIR = two
    assert client.get("/api/sft/stats").json()["total"] == 0
    assert sft._read_candidates() == []


def test_candidates_are_read_in_the_order_of_arrival(tmp_path: Path, client: TestClient) -> None:
    folder = use(tmp_path / "one")
    put(folder, "c", "a", "b")
    client.post("/api/sft/submit", json={"id": "a", "action": "discard"})
    assert [(r["id"], r["status"]) for r in sft._read_candidates()] == [
        ("c", "needs_review"),
        ("a", "discarded"),
        ("b", "needs_review"),
    ]


def test_the_approved_file_is_written_before_the_answer(tmp_path: Path, client: TestClient) -> None:
    folder = use(tmp_path / "one")
    put(folder, "a")
    client.post("/api/sft/submit", json=BODY)
    assert [r["corrected_response"] for r in read_jsonl(sft._approved_file())] == ["4"]
    client.post("/api/sft/undo", json={"id": "a"})
    assert read_jsonl(sft._approved_file()) == []


def test_only_the_test_clients_name_is_let_in_besides_loopback(client: TestClient) -> None:
    for host, status in (("testserver", 200), ("localhost:8000", 200), ("evil.example", 403)):
        assert client.get("/healthz", headers={"Host": host}).status_code == status


def test_a_request_of_one_thread_while_another_switches(tmp_path: Path, client: TestClient) -> None:
    """Whatever folder a request meets, it is answered, or told that it was closed meanwhile."""
    folders = [use(tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        put(folder, "a")
    seen: list[tuple[int, int | None]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answer = client.get("/api/sft/stats")
            seen.append((answer.status_code, answer.json().get("total")))

    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(4):
        for folder in folders:
            sft.set_sft_data_dir(folder)
    stop.set()
    thread.join()
    assert set(seen) <= {(200, 1), (503, None)}
    use(folders[0])
    assert client.get("/api/sft/stats").json()["total"] == 1


# ---- whole lists of JSON lines


def test_lists_are_written_read_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.jsonl"
    assert read_jsonl(path) == []
    append_jsonl(path, {"a": "\u2028\x00\ud800"})
    append_jsonl(path, {"b": 1})
    assert read_jsonl(path) == [{"a": "\u2028\x00\ud800"}, {"b": 1}]
    write_jsonl(path, [{"c": [1, None]}])
    assert read_jsonl(path) == [{"c": [1, None]}]
    write_jsonl(tmp_path / "other" / "x.jsonl", iter([]))
    assert read_jsonl(tmp_path / "other" / "x.jsonl") == []


def test_blank_and_broken_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\n{"a":1}\n{"b"\n   \n\xff\n{"c":3}')
    assert read_jsonl(path) == [{"a": 1}, {"c": 3}]


def test_adding_after_a_line_without_an_end_spoils_neither(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"a": 1}), encoding="utf-8")
    append_jsonl(path, {"b": 2})
    assert read_jsonl(path) == [{"a": 1}, {"b": 2}]
