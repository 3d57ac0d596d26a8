"""The tree of errors: drawn as it is, and each error has its code and its HTTP status."""

import inspect
import re
from collections.abc import Iterator

import pytest

from corrigenda import errors
from corrigenda.api.errors import STATUS, status_of
from corrigenda.errors import CorrigendaError, shorten

EXAMPLES: dict[type[CorrigendaError], CorrigendaError] = {
    errors.InvalidInput: errors.InvalidInput("no"),
    errors.BlankCorrection: errors.BlankCorrection(),
    errors.UnknownCategory: errors.UnknownCategory("nonsense", ("wrong_answer", "none")),
    errors.UnknownFormat: errors.UnknownFormat("export", "xml", ("messages",)),
    errors.MalformedRecord: errors.MalformedRecord("`id` is missing", "id"),
    errors.NotFound: errors.NotFound("no"),
    errors.UnknownCandidate: errors.UnknownCandidate("a1"),
    errors.UnknownRun: errors.UnknownRun("2026-04-07"),
    errors.UnknownJob: errors.UnknownJob("j1"),
    errors.UnknownLot: errors.UnknownLot("l1"),
    errors.UnknownUpload: errors.UnknownUpload("u1"),
    errors.UnknownExport: errors.UnknownExport("e1"),
    errors.UnknownReviewer: errors.UnknownReviewer("kim"),
    errors.Conflict: errors.Conflict("no"),
    errors.AlreadyDecided: errors.AlreadyDecided("a1", "approved", "kim", "2026-04-07T10:00:00Z"),
    errors.ClaimTakenOver: errors.ClaimTakenOver("a1", "lee"),
    errors.NothingToUndo: errors.NothingToUndo("a1"),
    errors.NothingToAmend: errors.NothingToAmend("a1"),
    errors.DecisionIdReused: errors.DecisionIdReused("d1"),
    errors.LotChanged: errors.LotChanged(12, 11),
    errors.LotIdReused: errors.LotIdReused("l1"),
    errors.GuidelinesChanged: errors.GuidelinesChanged(1, 2, "kim"),
    errors.CategoryInUse: errors.CategoryInUse("unsafe_answer", 3),
    errors.ReviewerExists: errors.ReviewerExists("kim"),
    errors.ExportExists: errors.ExportExists("e1"),
    errors.ExportChanged: errors.ExportChanged("no"),
    errors.ConfigError: errors.ConfigError("no"),
    errors.WorkspaceInUse: errors.WorkspaceInUse("no"),
    errors.SchemaMismatch: errors.SchemaMismatch("no"),
    errors.StorageError: errors.StorageError("no"),
    errors.StorageFull: errors.StorageFull("no"),
}

STATUS_OF_EVERY_ERROR = {
    "InvalidInput": 422,
    "BlankCorrection": 422,
    "UnknownCategory": 422,
    "UnknownFormat": 422,
    "MalformedRecord": 422,
    "NotFound": 404,
    "UnknownCandidate": 404,
    "UnknownRun": 404,
    "UnknownJob": 404,
    "UnknownLot": 404,
    "UnknownUpload": 404,
    "UnknownExport": 404,
    "UnknownReviewer": 404,
    "Conflict": 409,
    "AlreadyDecided": 409,
    "ClaimTakenOver": 409,
    "NothingToUndo": 409,
    "NothingToAmend": 409,
    "DecisionIdReused": 409,
    "LotChanged": 409,
    "LotIdReused": 409,
    "GuidelinesChanged": 409,
    "CategoryInUse": 409,
    "ReviewerExists": 409,
    "ExportExists": 409,
    "ExportChanged": 409,
    "ConfigError": 422,
    "WorkspaceInUse": 503,
    "SchemaMismatch": 503,
    "StorageError": 503,
    "StorageFull": 507,
}


def drawn() -> dict[str, str]:
    """The tree of the module's docstring: class name → its base's name."""
    bases: dict[str, str] = {}
    branch = ["CorrigendaError"]
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^( +(?:│ +)*)[├└]── (\w+)", line):
            depth = (len(found[1]) - 4) // 4 + 1
            branch[depth:] = [found[2]]
            bases[found[2]] = branch[depth - 1]
    return bases


def real() -> Iterator[type[CorrigendaError]]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, CorrigendaError) and kind is not CorrigendaError:
            yield kind


def test_the_tree_is_drawn_as_it_is() -> None:
    assert drawn() == {kind.__name__: kind.__bases__[0].__name__ for kind in real()}


def test_there_is_an_example_of_every_error() -> None:
    assert set(EXAMPLES) == set(real())


@pytest.mark.parametrize("kind", list(real()), ids=lambda kind: kind.__name__)
def test_every_error_says_what_it_means(kind: type[CorrigendaError]) -> None:
    assert kind.__doc__, "what does it mean to the caller?"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", vars(kind)["code"]), "a stable code of its own"
    message = str(EXAMPLES[kind])
    assert message == EXAMPLES[kind].message
    assert "\n" not in message


def test_no_two_errors_share_a_code() -> None:
    codes = [CorrigendaError.code, *(kind.code for kind in real())]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("kind", list(real()), ids=lambda kind: kind.__name__)
def test_every_error_has_its_status(kind: type[CorrigendaError]) -> None:
    assert status_of(EXAMPLES[kind]) == STATUS_OF_EVERY_ERROR[kind.__name__]
    assert any(base in STATUS for base in kind.__mro__), "an error without a status is a 500"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EXAMPLES[errors.UnknownCategory], ["`nonsense`", "`wrong_answer`", "`none`"]),
        (EXAMPLES[errors.UnknownFormat], ["export", "`xml`", "`messages`"]),
        (EXAMPLES[errors.AlreadyDecided], ["`a1`", "approved", "`kim`", "2026-04-07T10:00:00Z"]),
        (EXAMPLES[errors.UnknownRun], ["`2026-04-07`"]),
        (EXAMPLES[errors.DecisionIdReused], ["`d1`"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, CorrigendaError) else "",
)
def test_the_sentence_names_what_it_is_about(error: CorrigendaError, said: list[str]) -> None:
    assert [word for word in said if word not in str(error)] == []


def test_details_are_for_programs() -> None:
    assert EXAMPLES[errors.UnknownCategory].details == {"allowed": ["wrong_answer", "none"]}
    assert EXAMPLES[errors.AlreadyDecided].details == {
        "decided_status": "approved",
        "decided_by": "kim",
        "decided_at": "2026-04-07T10:00:00Z",
    }


@pytest.mark.parametrize(
    "kind", [errors.UnknownCandidate, errors.UnknownRun, errors.UnknownJob, errors.NothingToUndo]
)
def test_a_megabyte_of_id_is_cut_in_the_message(kind: type[CorrigendaError]) -> None:
    assert len(str(kind("x" * 1_000_000))) < 200


@pytest.mark.parametrize(("length", "shown"), [(79, 79), (80, 80), (81, 80), (1000, 80)], ids=str)
def test_shorten(length: int, shown: int) -> None:
    text = shorten("x" * length)
    assert len(text) == shown
    assert text.endswith("…") == (length > 80)
