"""A workspace driven through all its doors at once, beside the model that says what is right.

    python -m tests.torture.states --examples 200

Steps are decisions over HTTP and in Python, claims, imports, edits of both files by somebody else,
synchronising and opening anew; after each step the store, the API and the files are compared with
the model. Hypothesis looks for a sequence that breaks it, and for the shortest such.
"""

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from fastapi import FastAPI
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from corrigenda.api import create_app
from corrigenda.api.security import HostPolicy
from corrigenda.store import Database
from corrigenda.workbench import Workspace
from tests.api.described import DescribedClient
from tests.store.samples import empty
from tests.torture.client import PREFIX
from tests.torture.load import record
from tests.torture.model import WAITING, Card, Model, State
from tests.torture.truth import APPROVED, CANDIDATES, disagreeing, unsound

WHICH = st.integers(0, 1_000)
TEXTS = st.sampled_from(["4", "é\u2028\x00\ud800", "x" * 300, "[]\n{}", "'; DROP TABLE x;--", " "])
CATEGORIES = st.sampled_from([None, "wrong_answer", "format_error"])
ACTIONS = st.sampled_from(["correct", "correct", "discard", "flag", "amend", "categorise", "undo"])
FILE_STATES = st.sampled_from(["approved", "discarded", "model_rejected", "needs_review"])
HOLDERS = st.sampled_from(["tab-1", "tab-2", "tab-3"])

_at_hand: list[Workspace] = []


@cache
def _app() -> FastAPI:
    return create_app(lambda: _at_hand[0], HostPolicy(frozenset({"testserver"})))


class Machine(RuleBasedStateMachine):
    """On a directory; a subclass with a `url` is on that database, and has no files."""

    url: ClassVar[str | None] = None
    counted: ClassVar[dict[str, int]] = {"sequences": 0, "steps": 0}

    def __init__(self) -> None:
        super().__init__()
        self.counted["sequences"] += 1
        self.place = Path(tempfile.mkdtemp(prefix="machine-"))
        self.model = Model()
        self.numbers = 0
        self.untidy = False
        if self.url:
            database = Database.open(self.url)
            database.write(empty)
            database.close()
        self._open()

    def _open(self) -> None:
        self.workspace = Workspace.open(self.place / "ws", database_url=self.url)
        _at_hand[:] = [self.workspace]
        self.client = DescribedClient(_app())

    def teardown(self) -> None:
        self.workspace.close()
        shutil.rmtree(self.place)

    # ---- what the steps are made of

    @property
    def file(self) -> Path:
        return self.workspace.directory / CANDIDATES

    def _new(self) -> str:
        self.numbers += 1
        return f"c{self.numbers}"

    def _some(self, which: int) -> str:
        """Any candidate; now and then one that is not there."""
        names = [*self.model.cards, "nobody"]
        return names[which % len(names)]

    def _post(self, path: str, body: Any) -> tuple[int, Any]:
        answer = self.client.post(
            f"{PREFIX}/{path}",
            content=json.dumps(body).encode("ascii"),
            headers={"content-type": "application/json"},
        )
        return answer.status_code, answer.json()

    def _lines(self) -> list[dict[str, Any]]:
        """The file as it stands, without what is no line of a candidate."""
        if not self.file.exists():
            return []
        lines = self.file.read_text("ascii").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def _write(self, lines: list[dict[str, Any]], *, renamed: bool) -> None:
        """As an editor saves: over the file, or beside it and then in its place."""
        target = self.file.with_name("edited") if renamed else self.file
        target.write_text("".join(json.dumps(line) + "\n" for line in lines), "ascii")
        if renamed:
            target.replace(self.file)

    def _read_whole(self, lines: list[dict[str, Any]]) -> None:
        """What the model makes of a file that was read anew."""
        for line in lines:
            self.model.cards[line["id"]].response = line["model_response"]
            self.model.read_line(line["id"], _state(line))
        self.workspace.refresh()

    def has_files(self) -> bool:
        return self.url is None

    # ---- steps

    @initialize()
    def begin(self) -> None:
        self.push(3)

    @rule(n=st.integers(1, 4))
    def push(self, n: int) -> None:
        """Candidates come over HTTP; one of them is there already."""
        new = [self._new() for _ in range(n)]
        records = [record(name) for name in [*new, *list(self.model.cards)[:1]]]
        body = "".join(json.dumps(each) + "\n" for each in records).encode("ascii")
        headers = {"content-type": "application/x-ndjson"}
        answer = self.client.post(f"{PREFIX}/candidates", content=body, headers=headers)
        assert answer.json()["imported"] == n
        for each in records:
            self.model.cards.setdefault(each["id"], Card(each["model_response"]))

    @rule(which=WHICH, action=ACTIONS, text=TEXTS, category=CATEGORIES, again=st.booleans())
    def decide(self, which: int, action: str, text: str, category: str | None, again: bool) -> None:
        """Over HTTP; sent twice, it is the same once."""
        name = self._some(which)
        self.numbers += 1
        key = f"d{self.numbers}"
        said = text if action in ("correct", "amend") else None
        wanted = self.model.decide(name, action, said, category, key)
        body = {"id": name, "decision_id": key, "failure_category": category}
        body |= {} if action == "undo" else {"action": action, "corrected_response": said}
        path = "undo" if action == "undo" else "submit"
        first = self._post(path, body)
        assert first[0] == wanted, (first, wanted)
        if again:
            assert self._post(path, body) == first

    @rule(which=WHICH, text=TEXTS)
    def use_an_id_again(self, which: int, text: str) -> None:
        """A `decision_id` with another content is refused."""
        if not self.model.known:
            return
        key = list(self.model.known)[which % len(self.model.known)]
        body = {"id": self._some(which), "decision_id": key, "action": "correct"}
        body["corrected_response"] = f"other than {text}"
        status, answer = self._post("submit", body)
        assert (status, answer["code"]) in [
            (409, "decision_id_reused"),
            (404, "unknown_candidate"),
        ], answer

    @rule(n=st.integers(1, 4), holder=HOLDERS)
    def claim(self, n: int, holder: str) -> None:
        """Nobody is given what another has, or what is decided."""
        status, answer = self._post("queue/claim", {"n": n, "holder": holder})
        assert status == 200, answer
        for item in answer["items"]:
            card = self.model.cards[item["id"]]
            assert card.state[0] == "needs_review"
            assert card.holder in (None, holder)
            card.holder = holder
        free = [c for c in self.model.cards.values() if c.state[0] == "needs_review"]
        mine = [c for c in free if c.holder in (None, holder)]
        assert len(answer["items"]) == min(n, len(mine))

    @rule()
    @precondition(has_files)
    def synchronise(self) -> None:
        # A line that is gone or is none is put right when the file is next written anew.
        self.workspace.sync(force=self.untidy)
        different = disagreeing(self.workspace.directory, self._now())
        assert different == [], different
        self.untidy = False
        self.model.written_out()

    @rule()
    def open_anew(self) -> None:
        self.workspace.close()
        self.model.written_out()
        self._open()

    @rule(n=st.integers(1, 3), spoilt=st.booleans())
    @precondition(has_files)
    def append(self, n: int, spoilt: bool) -> None:
        """A script adds lines; one may be no candidate at all."""
        new = [record(self._new()) for _ in range(n)]
        lines = [json.dumps(each) for each in new] + ["no candidate"] * spoilt
        self.untidy |= spoilt
        with self.file.open("a", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
        for each in new:
            self.model.cards[each["id"]] = Card(each["model_response"])
        self.workspace.refresh()
        for each in new:
            self.model.read_line(each["id"], WAITING)

    @rule(which=WHICH, status=FILE_STATES, text=TEXTS, renamed=st.booleans())
    @precondition(has_files)
    def edit_the_file(self, which: int, status: str, text: str, renamed: bool) -> None:
        """Somebody decides in an editor."""
        lines = self._lines()
        if not lines:
            return
        line = lines[which % len(lines)]
        line["status"] = status
        line["corrected_response"] = (text.strip() or "5") if status == "approved" else None
        line["failure_category"] = None
        self._write(lines, renamed=renamed)
        self._read_whole(lines)

    @rule(which=WHICH, renamed=st.booleans())
    @precondition(has_files)
    def edit_an_answer(self, which: int, renamed: bool) -> None:
        """What a line says besides its review is taken over."""
        lines = self._lines()
        if not lines:
            return
        self.numbers += 1
        lines[which % len(lines)]["model_response"] = f"another {self.numbers}"
        self._write(lines, renamed=renamed)
        self._read_whole(lines)

    @rule(which=WHICH)
    @precondition(has_files)
    def remove_a_line(self, which: int) -> None:
        """That deletes nothing."""
        lines = self._lines()
        if lines:
            self.untidy = True
            del lines[which % len(lines)]
            self._write(lines, renamed=True)
            self._read_whole(lines)

    @rule(which=WHICH)
    def purge(self, which: int) -> None:
        """It is gone for good, from the file as well, and is not let in again."""
        if len(self.model.cards) < 3:
            return
        name = [*self.model.cards][which % len(self.model.cards)]
        in_file = any(line["id"] == name for line in self._lines())
        gone = self.workspace.get(name)
        self.workspace.purge([name], vacuum=False)
        self.model.forget(name)
        if in_file:
            self._read_whole(self._lines())
        body = json.dumps(gone).encode("ascii") + b"\n"
        headers = {"content-type": "application/x-ndjson"}
        answer = self.client.post(f"{PREFIX}/candidates", content=body, headers=headers)
        assert answer.json()["imported"] == 0, answer.json()

    @rule(cut=st.booleans())
    @precondition(has_files)
    def spoil_the_approved(self, cut: bool) -> None:
        """Somebody empties the other file, or changes its lines; it is made right again."""
        path = self.workspace.directory / APPROVED
        if not path.exists():
            return
        lines = [json.loads(each) for each in path.read_bytes().split(b"\n") if each.strip()]
        changed = "".join(json.dumps({**each, "corrected_response": "?"}) + "\n" for each in lines)
        path.write_text("" if cut else changed, "ascii")
        self.synchronise()

    # ---- what must hold after each step

    def _now(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in self.workspace.candidates()}

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        self.counted["steps"] += 1
        now = self._now()
        assert list(now) == list(self.model.cards)
        for name, card in self.model.cards.items():
            there = now[name]
            assert (name, _state(there)) == (name, card.state)
            assert there["model_response"] == card.response
            assert len(self.workspace.history(name)) == card.made

    @invariant()
    def the_api_says_so_too(self) -> None:
        stats = self.client.get(f"{PREFIX}/stats").json()
        states = [card.state[0] for card in self.model.cards.values()]
        assert stats["total"] == len(states)
        assert {k: n for k, n in stats["by_status"].items() if n} == {
            status: states.count(status) for status in states
        }
        queue = self.client.get(f"{PREFIX}/queue", params={"per_page": 200}).json()
        waiting = [name for name, card in self.model.cards.items() if card.state == WAITING]
        found = [each["id"] for each in queue["items"]]
        assert set(waiting) <= set(found)
        assert len(found) == states.count("needs_review")

    @invariant()
    def the_approved_file_holds_the_approved(self) -> None:
        if not self.has_files():
            return
        path = self.workspace.directory / APPROVED
        data = path.read_bytes() if path.exists() else b""
        lines = [json.loads(line) for line in data.split(b"\n") if line.strip()]
        assert sorted((each["id"], each["corrected_response"]) for each in lines) == sorted(
            (name, str(card.state[1]))
            for name, card in self.model.cards.items()
            if card.state[0] == "approved"
        )

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        mirror = self.workspace.mirror
        # Lines that were left aside are told until the file is written anew.
        told = {f"doctor: files: {problem}" for problem in mirror.problems} if mirror else set()
        assert set(unsound(self.workspace)) <= told


def _state(line: dict[str, Any]) -> State:
    """What a record says of its review."""
    status = line.get("status") or "needs_review"
    return status, line.get("corrected_response"), line.get("failure_category")
