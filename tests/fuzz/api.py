"""Ask everything that the OpenAPI document allows, and much that it forbids.

    python -m tests.fuzz.api --examples 100

Whatever comes, no answer may be a failure of the server (5xx) or one that the document does not
tell of: its status, its media type, its body, by the checks of Schemathesis.
"""

import argparse
import contextlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from corrigenda.api import create_app
from corrigenda.api.security import HostPolicy
from corrigenda.workbench import Workspace
from tests.fixtures.postgres import running_server
from tests.torture.figures import Figures, timed
from tests.torture.load import record
from tools.services import POSTGRES

DATABASES = ("sqlite", "postgresql")
_NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
_ENDLESS = ("/api/sft/events",)
"""What goes on answering until the page is closed."""


@schemathesis.serializer("application/x-ndjson")
def _as_lines(_context: Any, value: Any) -> bytes:
    """A body of bytes that is described as text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


def main() -> int:
    """1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=30, help="of each operation and kind")
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--only", help="a part of the operations' paths, such as `queue`")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    return max(
        run(database, args.examples, args.seed, args.only).done(keep=args.keep)
        for database in args.database or DATABASES
    )


def run(database: str, examples: int, chosen: int, only: str | None = None) -> Figures:
    """Ask each operation so many times, with what it allows and with what it does not."""
    figures = Figures(f"fuzz, every route, {database}", {"operations": 0, "requests": 0})
    with workspace_on(database) as workspace, timed(figures):
        app = create_app(lambda: workspace, HostPolicy(frozenset({"testserver"})))
        for operation in _operations(app, only):
            figures.numbers["operations"] += 1
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _ask(operation, mode, examples, chosen, figures)
        unsound = [f.message for f in workspace.check() if not f.ok and f.check != "disk"]
        figures.wrong += [f"doctor: {message}" for message in unsound]
    figures.numbers["seed"] = chosen
    return figures


def _ask(
    operation: Any, mode: GenerationMode, examples: int, chosen: int, figures: Figures
) -> None:
    checks = _checks()

    @given(case=operation.as_strategy(generation_mode=mode))
    @seed(chosen)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def one(case: Case[Any]) -> None:
        figures.numbers["requests"] += 1
        case.validate_response(case.call(), checks=checks)

    with _reported(figures, f"{operation.method.upper()} {operation.path}"):
        one()


@contextlib.contextmanager
def _reported(figures: Figures, where: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        if "Unsatisfiable" not in type(error).__name__:  # nothing can be wrong with no parameters
            figures.wrong.append(f"{where}: {_said(error)}")


def _said(error: Exception) -> str:
    inner: Sequence[Exception] = getattr(error, "exceptions", [error])
    return " / ".join(f"{type(each).__name__}: {each}" for each in inner)[:2000]


def _checks() -> list[Any]:
    load_all_checks()
    return list(CHECKS.get_by_names(list(_NAMES)))


def _operations(app: FastAPI, only: str | None) -> Iterator[Any]:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path not in _ENDLESS and (only is None or only in operation.path):
            yield operation


@contextlib.contextmanager
def workspace_on(database: str) -> Iterator[Workspace]:
    """With candidates in every state, a run, and texts that are no plain ASCII."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary, contextlib.ExitStack() as stack:
        place, url = Path(temporary), None
        if database == "postgresql":
            bin_dir = POSTGRES.find()
            if bin_dir is None:
                raise SystemExit(POSTGRES.advice)
            url = stack.enter_context(stack.enter_context(running_server(bin_dir)).fresh_database())
        records = [record(name, failure_reason="\u2028 é") for name in ("0", "a", "é/..", "b c")]
        lines = "".join(json.dumps(each) + "\n" for each in records)
        run_folder = place / "runs" / "0"
        run_folder.mkdir(parents=True)
        (run_folder / "sft_candidates.jsonl").write_text(lines, "ascii")
        with Workspace.open(place / "workspace", database_url=url, roots=[place]) as workspace:
            workspace.import_path(run_folder / "sft_candidates.jsonl", format="native")
            workspace.submit("a", "correct", corrected_response="right", tags=["0"])
            workspace.submit("b c", "discard", failure_category="scoring_artifact")
            yield workspace


if __name__ == "__main__":
    sys.exit(main())
