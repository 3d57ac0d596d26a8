"""`corrigenda export` with a recipe: options, files of recipes, bundles, snapshots, manifests."""

import json
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.recipe import CURATED, Recipe
from corrigenda.core.selection import Selection
from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, approved, record, write_run

ARTIFACT = {"failure_category": "scoring_artifact"}


@pytest.fixture(autouse=True)
def data(here: Path, corrigenda: Corrigenda) -> None:
    write_run(
        here / "runs/r1",
        *(approved(f"a{n}", f"Right {n}", failure_category="wrong_answer") for n in range(8)),
        approved("again", "Right 0", prompt_messages=record("a0")["prompt_messages"]),
        approved("fine", "Fine", **ARTIFACT),
        record("waits"),
    )
    (here / "runs/r1/sft_passes.jsonl").write_text('{"id": "p1", "model_response": "yes"}\n')
    corrigenda("import", "runs")


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def made(corrigenda: Corrigenda, here: Path, *words: str) -> dict[str, Any]:
    """The recipe that is in the manifest."""
    corrigenda("export", *words, "-o", "out/", "--overwrite", "-q")
    found: dict[str, Any] = manifest(here / "out")["recipe"]
    return found


OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("--format kto --deduplicate", {"format": "kto", "deduplicate": True}),
    ("--near-duplicates 0.9", {"near_duplicates": 0.9}),
    ("--keep latest --conflicts drop", {"keep": "latest", "conflicts": "drop"}),
    ("--format preference --format-pairs", {"format": "preference", "format_pairs": True}),
    ("--cap category=500 --cap task=20", {"caps": {"category": 500, "task": 20}}),
    ("--replay 0.1 --seed 7", {"replay": 0.1, "seed": 7}),
    ("--split 0.8,0.1,0.1", {"splits": [0.8, 0.1, 0.1]}),
    (
        "--split 0.8,0.1,0.1 --group-by template,task --group-by document --holdout-task Sums",
        {
            "splits": [0.8, 0.1, 0.1],
            "group_by": ["prompt", "document", "template", "task"],
            "holdout_tasks": ["Sums"],
        },
    ),
    ("--allow-protected --strict", {"allow_protected": True, "strict": True}),
    ("--secrets list", {"secrets": "list"}),
    ("--max-length 900 --keep-long", {"max_length": 900, "keep_long": True}),
    (
        "--exclude-category none --min-score 0 --max-score 1 --from 2020-01-01 --strict",
        {
            "strict": True,
            "filter": {
                "exclude_category": ["none"],
                "score_min": 0.0,
                "score_max": 1.0,
                "decided_from": "2020-01-01",
            },
        },
    ),
]


@pytest.mark.parametrize(("words", "expected"), OPTIONS, ids=lambda value: str(value)[:40])
def test_options_are_fields_of_the_recipe(
    here: Path, corrigenda: Corrigenda, words: str, expected: dict[str, Any]
) -> None:
    assert made(corrigenda, here, *words.split()) == {"format": "messages", **expected}


def test_the_curated_start_and_what_is_said_otherwise(here: Path, corrigenda: Corrigenda) -> None:
    assert made(corrigenda, here, "--curated") == CURATED.as_json()
    changed = made(
        corrigenda,
        here,
        *("--curated", "--near-duplicates", "off", "--no-deduplicate", "--format", "openai"),
        *("--exclude-category", "hallucination", "--secrets", "off", "--model", "Small-1B"),
    )
    assert changed == {
        "format": "openai",
        "filter": {
            "exclude_category": ["scoring_artifact", "hallucination"],
            "model": ["Small-1B"],
        },
    }
    kept = made(corrigenda, here, "--curated", "--include-category", "scoring_artifact")
    assert kept["filter"] == {"category": ["scoring_artifact"]}
    assert [row["id"] for row in rows(here / "out/rows.jsonl")] == ["fine"]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_recipe_of_a_file(here: Path, corrigenda: Corrigenda) -> None:
    recipe = Recipe(format="kto", seed=7, selection=Selection(models=("A", "B")))
    (here / "r.json").write_text(json.dumps(recipe.as_json()))
    (here / "r.yaml").write_text("format: kto  # unpaired\nseed: 7\nfilter: {model: [A, B]}\n")
    for name in ("r.json", "r.yaml"):
        assert made(corrigenda, here, "--recipe", name) == recipe.as_json()
    changed = made(corrigenda, here, "--recipe", "r.yaml", "--seed", "8", "--model", "C")
    assert changed == {"format": "kto", "seed": 8, "filter": {"model": ["C"]}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("format: [", "`r.yaml` line 1: "),
        ("- format", "must be a mapping"),
        ("1: x", "must be a mapping"),
        ("formt: kto", "`formt` is no field of a recipe; use format,"),
        ("seed: -1", "`seed` of a recipe must be a whole number"),
        ("filter: {modle: [A]}", "`modle` is no field of a filter"),
        ("filter: {category: [typo]}", "Unknown failure category `typo`"),
    ],
)
def test_a_recipe_that_cannot_be_used(
    here: Path, corrigenda: Corrigenda, text: str, reason: str
) -> None:
    (here / "r.yaml").write_text(text)
    said = corrigenda("export", "--recipe", "r.yaml", "-o", "out/", code=1)
    assert reason in said.stderr
    assert said.stderr.count("\n") == 1
    assert not (here / "out").exists()
    assert (
        "Cannot read the recipe `no.yaml`"
        in corrigenda("export", "--recipe", "no.yaml", code=1).stderr
    )


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ("--redact --secrets list", 2, "give either --redact or --secrets"),
        ("--cap category", 2, "`category` is not NAME=ROWS"),
        ("--cap colour=3", 1, "`caps` of a recipe must be an object with the keys category, task"),
        ("--split 1,2", 1, "`splits` of a recipe must be three shares"),
        ("--split a,b,c", 2, "`a` is no number"),
        ("--near-duplicates much", 2, "`much` is no number"),
        ("--name x -o y/", 2, "give either --name or --output"),
        ("--fetch", 2, "give --tokenizer as well"),
        ("--json", 2, "give --output"),
        ("--from-manifest x --seed 1", 2, "its recipe is in the manifest"),
        ("--from-manifest x -o y/", 4, "x"),
        ("--batch nobody -q", 4, "There is no batch `nobody`"),
        ("--from tomorrow", 1, "`decided_from` is a day such as 2026-11-01"),
        ("--tokenizer nobody/nothing -o y/", 1, "There is no tokenizer `nobody/nothing`"),
        ("--split 0.8,0.1,0.1", 1, "An export with splits has several files"),
        ("--name ../x", 1, "cannot be an export's name"),
    ],
)
def test_what_does_not_go(
    here: Path, corrigenda: Corrigenda, words: str, code: int, reason: str
) -> None:
    said = corrigenda("export", *words.split(), code=code)
    assert reason in " ".join(said.stderr.replace("│", " ").split())
    assert sorted(path.name for path in here.iterdir()) == ["data", "runs"]


def test_a_bundle(here: Path, corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--curated", "--secrets", "off", "-o", "out/")
    assert said.stdout == ""
    lines = said.stderr.splitlines()
    assert lines[0].startswith("approved 10 → after the filter 9 →")
    assert "Left out 1: duplicate 1." in lines
    assert "Wrote 8 rows to `out/`." in lines
    assert {"data.jsonl", "manifest.json", "README.md"} <= {
        p.name for p in (here / "out").iterdir()
    }
    # An earlier export is replaced only if that is asked for.
    again = corrigenda("export", "--curated", "-o", "out/", code=1)
    assert "out" in again.stderr
    corrigenda("export", "--curated", "-o", "out/", "--overwrite")


def test_a_file_with_and_without_its_manifest(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("export", "--deduplicate", "-o", "a.jsonl.gz")
    corrigenda("export", "--deduplicate", "-o", "b.parquet", "--no-manifest")
    assert (here / "a.manifest.json").exists()
    assert {p.name for p in here.glob("b*")} == {"b.parquet"}


def test_to_standard_output(corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--deduplicate", "--exclude-category", "none")
    assert len(said.stdout.splitlines()) == 9
    assert said.stderr.splitlines()[-1] == "Wrote 9 rows."


def test_json(here: Path, corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--curated", "--secrets", "off", "-o", "out/", "--json")
    report = json.loads(said.stdout)
    assert (report["rows"], report["left_out"]) == (8, {"duplicate": 1})
    assert report["files"][0]["name"] == "data.jsonl"
    assert said.stderr == ""


def test_a_dry_run_writes_nothing(here: Path, corrigenda: Corrigenda) -> None:
    words = ("export", "--curated", "--secrets", "off", "--dry-run")
    said = corrigenda(*words)
    assert said.stdout == ""
    assert "Left out: duplicate 1" in said.stderr
    assert "  again: " in said.stderr
    assert "By category: wrong_answer" in said.stderr
    assert "Lengths in characters: median" in said.stderr
    assert said.stderr.endswith("Nothing was written; it would be 8 rows.\n")
    seen = json.loads(corrigenda(*words, "--json").stdout)
    assert (seen["examined"], seen["complete"]) == (9, True)
    assert sorted(path.name for path in here.iterdir()) == ["data", "runs"]


def test_a_snapshot_and_an_export_made_again(here: Path, corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--curated", "--name", "rc-1")
    assert "Wrote 8 rows as the export `rc-1`." in said.stderr
    assert "  data.jsonl  8 rows" in said.stderr
    assert "rc-1" in corrigenda("export", "--name", "rc-1", code=5).stderr
    assert "rc-1" in corrigenda("exports").stdout
    again = corrigenda("export", "--from-manifest", "rc-1", "-o", "again/")
    assert "have the same bytes as before" in again.stderr
    assert (here / "again/data.jsonl").read_bytes() == (
        here / "data/exports/rc-1/data.jsonl"
    ).read_bytes()
    corrigenda("diff", "rc-1", "again")
    with Workspace.open(here / "data") as workspace:
        workspace.undo("a3")
    said = corrigenda("export", "--from-manifest", "again/manifest.json", "-o", "third/", code=5)
    assert "cannot be made again as it was" in said.stderr
    assert "  gone: a3: " in said.stderr
    assert not (here / "third").exists()


def test_lengths_by_a_tokenizer(here: Path, corrigenda: Corrigenda) -> None:
    pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    (here / "data/words").mkdir()
    words.save(str(here / "data/words/tokenizer.json"))
    seen = corrigenda("export", "--tokenizer", "data/words", "--max-length", "3", "--dry-run")
    assert "Left out: too long 9" in seen.stderr
    assert "It has 4 tokens, more than 3." in seen.stderr
    (here / "data/label_tool.yaml").write_text("sft: {tokenizer: words, max_length: 3}\n")
    assert made(corrigenda, here, "--curated")["max_length"] == 3
    assert manifest(here / "out")["tokenizer"]["name"] == "words"
    # The longest example is in tokens: where they cannot be counted it says nothing.
    (here / "data/label_tool.yaml").write_text("sft: {max_length: 3}\n")
    assert "max_length" not in made(corrigenda, here, "--curated")


def test_whole_candidates_go_into_another_workspace(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("export", "--format", "candidates", "-o", "whole/")
    assert {"sft_candidates.jsonl", "sft_passes.jsonl"} <= {
        path.name for path in (here / "whole").iterdir()
    }
    said = corrigenda("-w", "other", "import", "whole")
    assert "Imported 11 candidates and 1 pass." in said.stdout
    corrigenda("-w", "other", "export", "--format", "candidates", "-o", "back/")
    for name in ("sft_candidates.jsonl", "sft_passes.jsonl", "manifest.json"):
        assert (here / "back" / name).read_bytes() == (here / "whole" / name).read_bytes()
