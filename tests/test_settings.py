"""The environment, and `label_tool.yaml`: read, and changed without losing a word."""

import os
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrigenda.core.taxonomy import BUILT_IN, Taxonomy
from corrigenda.errors import ConfigError, InvalidInput, StorageError
from corrigenda.settings import (
    CONFIG_NAME,
    DEFAULT_URL,
    DEFAULT_WORKSPACE,
    Settings,
    WorkspaceConfig,
    read_config,
    write_bench_results_dir,
)

COMMENTED = """\
# the label tool's own settings
model: 'qwen'        # quoted
classes: [spam, ham]   # flow style
sft:
  # where the runs are
  bench_results_dir: old   # was moved
  categories:
  - name: unsafe_answer   # ours
    label: Unsafe
hours: 012
last: |
  two
    lines
"""

NAMES = st.text(st.characters(exclude_characters=",\x00/:", exclude_categories=["Cs", "Z", "C"]))
PATHS = NAMES.filter(bool).map(Path)


def write(folder: Path, text: str) -> Path:
    path = folder / CONFIG_NAME
    path.write_text(text, encoding="utf-8")
    return path


# ---- the environment


def test_nothing_in_the_environment_means_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings().workspace == DEFAULT_WORKSPACE == Path("data")
    assert Settings().to_environment() == {"CORRIGENDA_WORKSPACE": "data"}


def test_empty_variables_are_none() -> None:
    names = ["WORKSPACE", "DATABASE_URL", "ALLOWED_HOSTS", "ROOTS", "URL", "NETWORK"]
    names += ["USER_HEADER", "TRUSTED_PROXIES", "LEASE_SECONDS"]
    assert Settings.from_environment({f"CORRIGENDA_{n}": "" for n in names}) == Settings()


def test_hosts_and_roots_are_lists() -> None:
    found = Settings.from_environment(
        {
            "CORRIGENDA_WORKSPACE": "w",
            "CORRIGENDA_DATABASE_URL": "postgresql://h/d",
            "CORRIGENDA_ALLOWED_HOSTS": "lab, desk,,",
            "CORRIGENDA_ROOTS": os.pathsep.join(["/a", "/b c"]),
        }
    )
    assert found == Settings(
        Path("w"), "postgresql://h/d", ("lab", "desk"), (Path("/a"), Path("/b c"))
    )


@given(
    st.builds(
        Settings,
        workspace=PATHS,
        database_url=st.none() | st.just("postgresql://u:p@h/d?x=%20"),
        allowed_hosts=st.lists(NAMES.filter(bool), max_size=3).map(tuple),
        roots=st.lists(PATHS, max_size=3).map(tuple),
        url=st.sampled_from([DEFAULT_URL, "https://lab.example.org"]),
        network=st.booleans(),
        user_header=st.none() | st.just("X-Forwarded-User"),
        trusted_proxies=st.lists(st.sampled_from(["10.0.0.7", "::1/128"])).map(tuple),
        lease_seconds=st.none() | st.floats(1, 3600),
        train_python=st.none() | PATHS,
    )
)
def test_settings_travel_through_the_environment(made: Settings) -> None:
    assert Settings.from_environment(made.to_environment()) == made


@pytest.mark.parametrize("text", ["0", "-1", "3601", "soon", "nan", "inf"])
def test_a_lease_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="from 1 to 3600"):
        Settings.from_environment({"CORRIGENDA_LEASE_SECONDS": text})


# ---- reading the file


@pytest.mark.parametrize(
    "text", [None, "", "# only a comment\n", "sft:\n", "sft: {}\n", "other: {a: [1]}\n"]
)
def test_nothing_configured(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        write(tmp_path, text)
    assert read_config(tmp_path) == WorkspaceConfig(None, Taxonomy())


def test_a_relative_path_is_relative_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, "sft: {bench_results_dir: ../runs}\n")
    assert read_config(tmp_path).bench_results_dir == tmp_path.parent / "runs"


def test_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, "sft: {bench_results_dir: ~/runs}\n")
    assert read_config(tmp_path).bench_results_dir == tmp_path / "runs"


def test_the_rule_of_answers_whose_log_names_none(tmp_path: Path) -> None:
    assert read_config(tmp_path).scoring is None
    write(tmp_path, "sft: {scoring: {kind: numeric, params: {take: last}}}")
    assert read_config(tmp_path).scoring == {"kind": "numeric", "params": {"take": "last"}}


@pytest.mark.parametrize(
    "said", ["numeric", "{params: {}}", "{kind: other}", "{kind: x}", "{kind: exact, params: 1}",
             "{kind: exact, parms: {}}"]
)  # fmt: skip
def test_a_rule_that_is_none(tmp_path: Path, said: str) -> None:
    write(tmp_path, f"sft: {{scoring: {said}}}")
    with pytest.raises(ConfigError, match=r"sft\.scoring"):
        read_config(tmp_path)


def test_the_tokenizer_is_a_name_or_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "sft: {tokenizer: Qwen/Qwen2.5-3B, max_length: 4096}")
    config = read_config(tmp_path)
    assert (config.tokenizer, config.max_length) == ("Qwen/Qwen2.5-3B", 4096)
    (tmp_path / "models/small").mkdir(parents=True)
    write(tmp_path, "sft: {tokenizer: models/small}")
    assert read_config(tmp_path).tokenizer == str(tmp_path / "models/small")


@pytest.mark.parametrize(
    "text",
    ["tokenizer: [a]", "tokenizer: ' '", "max_length: 0", "max_length: yes", "max_length: 1.5"],
)
def test_what_is_no_tokenizer_or_length(tmp_path: Path, text: str) -> None:
    write(tmp_path, f"sft: {{{text}}}")
    with pytest.raises(ConfigError, match=f"sft.{text.partition(':')[0]}` must be"):
        read_config(tmp_path)


def test_categories_by_name_alone_or_in_full(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sft: {categories: [rude, {name: unsafe_answer, label: Unsafe, definition: D, "
        "example: E}]}\n",
    )
    rude, unsafe = read_config(tmp_path).taxonomy.categories[-2:]
    assert (rude.name, rude.label, rude.definition, rude.built_in) == ("rude", "Rude", "", False)
    assert (unsafe.name, unsafe.label, unsafe.definition, unsafe.example) == (
        "unsafe_answer",
        "Unsafe",
        "D",
        "E",
    )


def test_a_built_in_category_is_reworded_as_far_as_it_is_said(tmp_path: Path) -> None:
    write(tmp_path, "sft: {categories: [{name: format_error, label: Broken, key: 9}]}\n")
    taxonomy = read_config(tmp_path).taxonomy
    assert taxonomy.categories[4] == replace(BUILT_IN[4], label="Broken", key="9")
    assert taxonomy.names == Taxonomy().names


def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    for tick, name in enumerate(("one", "two", "six")):
        write(tmp_path, f"sft: {{bench_results_dir: {name}}}\n")
        os.utime(tmp_path / CONFIG_NAME, ns=(tick, tick))
        assert read_config(tmp_path).bench_results_dir == tmp_path / name


BROKEN = {
    "not YAML": ("a: [1\nb: 2\n", "line 2"),
    "a tab": ("sft:\n\tx: 1\n", "line 2"),
    "a key twice": ("sft: {}\nsft: {}\n", "duplicate key"),
    "a control character": ("a: \x01\n", "not YAML"),
    "an impossible date": ("when: 2024-13-45\n", "month"),
    "an unknown tag": ("a: !!python/object:os.system x\n", "constructor"),
    "too deep": ("a: " + "[" * 1000 + "]" * 1000, "recursion"),
    "a list": ("- a\n", "the file must be a mapping"),
    "a text": ("hello\n", "the file must be a mapping"),
    "sft is a list": ("sft: [1]\n", "`sft` must be a mapping"),
    "the folder is a number": ("sft: {bench_results_dir: 5}\n", "bench_results_dir"),
    "the folder is a list": ("sft: {bench_results_dir: [a]}\n", "bench_results_dir"),
    "the folder is blank": ('sft: {bench_results_dir: " "}\n', "bench_results_dir"),
    "the folder has U+0000": ('sft: {bench_results_dir: "a\\0b"}\n', "bench_results_dir"),
    "nobody's home": ("sft: {bench_results_dir: ~no-such-user/x}\n", "bench_results_dir"),
    "categories are no list": ("sft: {categories: {a: 1}}\n", "must be a list"),
    "a category without a name": ("sft: {categories: [{label: x}]}\n", "needs a `name`"),
    "a category is a number": ("sft: {categories: [1]}\n", "needs a `name`"),
    "a category with another key": (
        "sft: {categories: [{name: a, colour: red}]}\n",
        "unknown key `colour`",
    ),
    "a category's name": ("sft: {categories: [Not Good]}\n", "lower_snake_case"),
    "a category twice": ("sft: {categories: [wrong_answer, wrong_answer]}\n", "there already"),
    "a category's color": ("sft: {categories: [{name: a, color: red}]}\n", "unknown color"),
    "a category's key": ("sft: {categories: [{name: a, key: 10}]}\n", "from 1 to 9"),
    "two categories with one key": (
        "sft: {categories: [{name: a, key: 7}, {name: b, key: '7'}]}\n",
        "the same key `7`",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, case: str) -> None:
    text, reason = BROKEN[case]
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=reason):
        read_config(tmp_path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match=f"Cannot read `{tmp_path}"):
        read_config(tmp_path)


@pytest.mark.parametrize("what", ["a folder", "a loop", "a folder in between that is a file"])
def test_a_file_that_cannot_be_read(tmp_path: Path, what: str) -> None:
    folder = tmp_path
    if what == "a folder":
        (tmp_path / CONFIG_NAME).mkdir()
    elif what == "a loop":
        (tmp_path / CONFIG_NAME).symlink_to(tmp_path / CONFIG_NAME)
    else:
        folder = tmp_path / "file"
        folder.touch()
    with pytest.raises(ConfigError, match="Cannot read"):
        read_config(folder)


# ---- writing the file


def test_every_other_key_and_comment_stays(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    path = write(tmp_path, COMMENTED)
    path.chmod(0o640)
    write_bench_results_dir(tmp_path, "runs", (tmp_path,))
    assert path.read_text("utf-8") == COMMENTED.replace("old   #", "runs  #")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert read_config(tmp_path).bench_results_dir == tmp_path / "runs"
    assert read_config(tmp_path).taxonomy.names[-1] == "unsafe_answer"


@pytest.mark.parametrize("text", [None, "", "# hello\n", "sft:\n", "a: 1\n", "{a: 1, sft: {b: 2}}"])
def test_the_key_is_added_where_it_is_missing(tmp_path: Path, text: str | None) -> None:
    config = tmp_path / "config"
    if text is not None:
        config.mkdir()
        write(config, text)
    write_bench_results_dir(config, str(tmp_path), (tmp_path,))
    assert read_config(config).bench_results_dir == tmp_path
    kept = (config / CONFIG_NAME).read_text("utf-8")
    assert all(word in kept for word in (text or "").split() if word.isalnum())


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=30))
def test_a_folder_of_any_name(name: str) -> None:
    if name.strip() in ("", ".", "..") or name.startswith("~"):
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        (place / name).mkdir()
        write_bench_results_dir(place, name, (place,))
        assert read_config(place).bench_results_dir == place / name


def tree(folder: Path) -> tuple[Path, Path]:
    """A root with a folder and a file in it, and something outside that a link leads to."""
    root, outside = folder / "root", folder / "outside"
    (root / "runs").mkdir(parents=True)
    (root / "file").touch()
    (outside / "runs").mkdir(parents=True)
    (root / "escape").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    return root, outside


@pytest.mark.parametrize(
    "chosen",
    [
        "..",
        "../outside",
        "runs/../../outside",
        "escape",
        "escape/runs",
        "/",
        "/etc",
        "~",
        "missing",
        "file",
        "file/x",
        "loop",
        "~no-such-user/x",
        "runs\x00",
        "\ud800",
        "x" * 300,
        "/" * 4096,
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_what_is_no_folder_within_the_roots_changes_nothing(tmp_path: Path, chosen: str) -> None:
    root, _ = tree(tmp_path)
    path = write(root, COMMENTED)
    with pytest.raises(InvalidInput):
        write_bench_results_dir(root, chosen, (root,))
    assert path.read_text("utf-8") == COMMENTED


def test_a_link_out_of_one_root_into_another_is_fine(tmp_path: Path) -> None:
    root, outside = tree(tmp_path)
    write_bench_results_dir(root, "escape/runs", (root, outside))
    assert read_config(root).bench_results_dir == outside / "runs"


def test_the_refusal_names_the_roots(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"outside the folders.*`{tmp_path}`"):
        write_bench_results_dir(tmp_path, "/etc", (tmp_path,))


@pytest.mark.parametrize("case", [case for case in BROKEN if case != "too deep"])
def test_a_broken_file_is_reported_and_not_overwritten(tmp_path: Path, case: str) -> None:
    path = write(tmp_path, BROKEN[case][0])
    before = path.read_bytes()
    with pytest.raises(ConfigError):
        write_bench_results_dir(tmp_path, ".", (tmp_path,))
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((StorageError, ConfigError), match="file"):
        write_bench_results_dir(tmp_path / "file" / "config", str(tmp_path), (tmp_path,))


LISTS = {
    "flush": "a:\n- 1\n- 2\nsft:\n  bench_results_dir: runs\n",
    "two": "a:\n  - 1\n  - b:\n      - 2\nsft:\n  bench_results_dir: runs\n",
    "wide": "a:  # one\n\n    -   1\n    -   b: 1\n        c: 2\nsft:\n  bench_results_dir: runs\n",
    "line ends": "# mine\r\na:\r\n  - 1\r\nsft:\r\n  bench_results_dir: runs\r\n",
    "line ends, comments alone": "# mine\r\n",
}


@pytest.mark.parametrize("case", LISTS)
def test_line_ends_and_indentation_stay(tmp_path: Path, case: str) -> None:
    (tmp_path / "runs").mkdir()
    before = LISTS[case].encode("utf-8")
    (tmp_path / CONFIG_NAME).write_bytes(before)
    write_bench_results_dir(tmp_path, "runs", (tmp_path,))
    after = (tmp_path / CONFIG_NAME).read_bytes()
    added = b"" if b"sft" in before else b"sft:\r\n  bench_results_dir: runs\r\n"
    assert after == before + added


def test_unknown_keys_of_several_kinds(tmp_path: Path) -> None:
    write(tmp_path, "sft: {categories: [{name: unsafe, 2: a, zz: c}]}")
    with pytest.raises(ConfigError, match="unknown key `2`"):
        read_config(tmp_path)
