"""The failure categories are written into `label_tool.yaml` without losing a word of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrigenda.core.taxonomy import BUILT_IN, COLORS, Category, Taxonomy
from corrigenda.errors import ConfigError, InvalidInput
from corrigenda.settings import CONFIG_NAME, read_config, write_taxonomy

COMMENTED = """\
# the label tool's own settings
sft:
  # where the runs are
  bench_results_dir: old   # was moved
  # ours
  categories:
  # the first
  - name: unsafe   # of late
    label: Unsafe answer # for people
    # says more
  - rude  # by name alone
  # between
  - name: vague   # the last
    label: Vague
    key: 7
  # after the last

# about hours
hours: 012
"""
Categories = list[Category]


def write(folder: Path, text: str) -> Path:
    path = folder / CONFIG_NAME
    path.write_text(text, encoding="utf-8")
    return path


def categories(folder: Path) -> Categories:
    return list(read_config(folder).taxonomy.categories)


def test_writing_what_is_there_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, COMMENTED)
    write_taxonomy(tmp_path, categories(tmp_path))
    assert path.read_text("utf-8") == COMMENTED


def test_nothing_is_written_where_nothing_is_said(tmp_path: Path) -> None:
    write_taxonomy(tmp_path, BUILT_IN)
    assert not (tmp_path / CONFIG_NAME).exists()


def without(*names: str) -> Callable[[Categories], Categories]:
    return lambda found: [category for category in found if category.name not in names]


CHANGES: dict[str, tuple[Callable[[Categories], Categories], str | None]] = {
    "one is reworded": (
        lambda found: [*found[:6], replace(found[6], label="Not safe"), *found[7:]],
        COMMENTED.replace("Unsafe answer", "Not safe     "),  # the column stays
    ),
    "the last goes": (
        without("vague"),
        COMMENTED.replace("  - name: vague   # the last\n    label: Vague\n    key: 7\n", ""),
    ),
    "the first goes": (without("unsafe"), None),
    "all go": (without("unsafe", "rude", "vague"), None),
    "one in the middle gets words": (
        lambda found: [*found[:7], replace(found[7], definition="Hurts."), found[8]],
        None,
    ),
    "one is added": (lambda found: [*found, Category("long", "Too long", color="teal")], None),
    "a built-in one is reworded": (
        lambda found: [replace(found[0], label="Scorer: wrong", key="9"), *found[1:]],
        None,
    ),
    "the order": (lambda found: [*found[:6], found[8], found[6], found[7]], None),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_written_is_read_and_no_comment_is_lost(tmp_path: Path, case: str) -> None:
    change, expected = CHANGES[case]
    path = write(tmp_path, COMMENTED)
    wanted = change(categories(tmp_path))
    answer = write_taxonomy(tmp_path, wanted)
    assert answer == read_config(tmp_path).taxonomy
    assert list(answer.categories) == wanted
    text = path.read_text("utf-8")
    if expected is not None:
        assert text == expected
    own_lines = {line.strip() for line in COMMENTED.splitlines() if line.strip().startswith("#")}
    kept = {line.strip() for line in text.splitlines()}
    lost = own_lines - kept
    assert lost <= ({"# the first"} if case == "all go" else set())
    assert "hours: 012" in text
    assert text.index("# about hours") < text.index("hours: 012")


@pytest.mark.parametrize(
    "text",
    ["", "sft:\n", "sft: {}\n", "a: 1\n", "sft: {categories: [rude, {name: x, label: Y}]}\n"],
    ids=ascii,
)
def test_where_there_is_little(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    wanted = [*BUILT_IN, Category("y", "Why", key="8"), Category("rude", "Rude")]
    write_taxonomy(tmp_path, wanted)
    assert categories(tmp_path) == wanted


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    label=WORDS,
    definition=WORDS,
    color=st.none() | st.sampled_from(COLORS),
    key=st.none() | st.sampled_from("123456789"),
)
def test_any_words(
    tmp_path_factory: pytest.TempPathFactory,
    label: str,
    definition: str,
    color: str | None,
    key: str | None,
) -> None:
    folder = tmp_path_factory.mktemp("words")
    wanted = [*BUILT_IN, Category("own", label, definition, color=color, key=key)]
    write_taxonomy(folder, wanted)
    assert categories(folder) == wanted


REFUSED: dict[str, tuple[Categories, str]] = {
    "a built-in one is missing": (list(BUILT_IN[1:]), "`scoring_artifact` is built in"),
    "a name": ([*BUILT_IN, Category("Not Good", "x")], "lower_snake_case"),
    "a name twice": ([*BUILT_IN, Category("a", "x"), Category("a", "y")], "there already"),
    "a color": ([*BUILT_IN, Category("a", "x", color="red")], "unknown color"),
    "a key twice": (
        [*BUILT_IN, Category("a", "x", key="1"), Category("b", "x", key="1")],
        "same key",
    ),
    "too many words": ([*BUILT_IN, Category("a", "x" * 5001)], "too long"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_changes_nothing(tmp_path: Path, case: str) -> None:
    wanted, reason = REFUSED[case]
    path = write(tmp_path, COMMENTED)
    with pytest.raises(InvalidInput, match=reason):
        write_taxonomy(tmp_path, wanted)
    assert path.read_text("utf-8") == COMMENTED


def test_a_broken_file_is_reported_and_not_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path, "sft: [1]\n")
    with pytest.raises(ConfigError):
        write_taxonomy(tmp_path, [*BUILT_IN, Category("a", "x")])
    assert path.read_text("utf-8") == "sft: [1]\n"
    assert Taxonomy().names == tuple(category.name for category in BUILT_IN)
