"""Plug-ins are ordinary packages: these are installed for real, in a folder of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from corrigenda import plugins
from corrigenda.errors import UnknownFormat
from corrigenda.exports import ExportFormat
from corrigenda.sources import Source

PACKAGE = """
from corrigenda.exports import Format, Kind, Part


class Shout(Format):
    name = "shout"
    kind = Kind.SFT
    title = "Answers, louder"

    def row(self, example):
        return {"said": example.answer["content"].upper()}

    def problem(self, row):
        return None if row["said"] else "There is nothing to shout."

    def parts(self, row):
        return [Part("assistant", row["said"], trained=True)]


class Impostor(Shout):
    name = "messages"


from corrigenda.inputs import lines
from corrigenda.sources import Guide, RunFile, Sample, Verdict


class Exam:
    # Its logs have lines such as {"exam": 1, "nr": 1, "asked": "2 + 2?", "said": "5", "mark": 0.5}.

    name = "exam"
    title = "Exam papers"
    guide = Guide("1", "the mark: below 1 failed", {"model_response": "said"}, "nothing")

    def sniff(self, file):
        return "its lines have `exam`" if file.head().startswith(b'{"exam"') else None

    def runs(self, file):
        return [RunFile("exam-1", file)]

    def read(self, run, options):
        for entry in lines(run.file):
            paper = entry.value
            verdict = Verdict.PASSED if paper["mark"] >= 1 else Verdict.FAILED
            prompt = [{"role": "user", "content": paper["asked"]}]
            record = {"prompt_messages": prompt, "model_response": paper["said"]}
            yield Sample(verdict, record, key=(paper["nr"],), number=entry.number)


class Broken:
    def __init__(self):
        raise RuntimeError("out of order")
"""
ENTRY_POINTS = """\
[corrigenda.exports]
shout = shouting:Shout
messages = shouting:Impostor
broken = shouting:Broken
gone = no_such_module:Thing
[corrigenda.sources]
exam = shouting:Exam
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a third party's distribution is installed."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "shouting.py").write_text(PACKAGE, encoding="utf-8")
    info = folder / "shouting-1.0.dist-info"
    info.mkdir()
    metadata = "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    return folder


def run(site: Path, program: str) -> Any:
    """What a program prints as JSON, with the distribution installed."""
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(site)},
    )
    return json.loads(done.stdout)


def test_ours_are_installed() -> None:
    sources = plugins.installed(plugins.SOURCES)
    exports = plugins.installed(plugins.EXPORTS)
    assert {"native", "plain"} <= set(sources)
    assert {"messages", "prompt_completion", "preference"} <= set(exports)
    for name, source in sources.items():
        assert isinstance(source, Source)
        assert source.name == name
    for name, form in exports.items():
        assert isinstance(form, ExportFormat)
        assert form.name == name


@pytest.mark.parametrize(
    ("group", "said"), [(plugins.SOURCES, "source `xml`"), (plugins.EXPORTS, "format `xml`")]
)
def test_an_unknown_one_is_refused_with_those_known(group: str, said: str) -> None:
    with pytest.raises(UnknownFormat, match=said) as caught:
        plugins.named(group, "xml")
    assert caught.value.details["known"] == list(plugins.installed(group))


def test_a_strangers_format_is_found_and_used(site: Path, tmp_path: Path) -> None:
    (tmp_path / "sft_candidates.jsonl").write_text(
        '{"id":"a","status":"approved","corrected_response":"yes"}\n', encoding="utf-8"
    )
    program = f"""
import json, corrigenda
with corrigenda.open({str(tmp_path)!r}) as workspace:
    print(json.dumps([*workspace.export(format="shout"), *workspace.export()]))
"""
    assert run(site, program) == [
        {"said": "YES"},
        {"messages": [{"role": "assistant", "content": "yes"}]},
    ]


def test_a_broken_one_is_a_warning_with_its_name(site: Path) -> None:
    program = """
import json, warnings
from corrigenda import plugins
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    found = plugins.installed(plugins.EXPORTS)
print(json.dumps([sorted(found), sorted(str(warning.message) for warning in said)]))
"""
    found, said = run(site, program)
    assert "shout" in found
    assert not {"broken", "gone"} & set(found)
    assert len(said) == 2
    assert "`broken` (shouting:Broken)" in said[0]
    assert "out of order" in said[0]
    assert "`gone` (no_such_module:Thing)" in said[1]


def test_a_stranger_cannot_take_the_place_of_ours(site: Path) -> None:
    program = """
import json, warnings
warnings.simplefilter("ignore")
from corrigenda import plugins
print(json.dumps(type(plugins.named(plugins.EXPORTS, "messages")).__module__))
"""
    assert run(site, program) == "corrigenda.exports.messages"


def test_a_strangers_source_is_found_and_used(site: Path, tmp_path: Path) -> None:
    papers = [
        {"exam": 1, "nr": 1, "asked": "2 + 2?", "said": "5", "mark": 0.5},
        {"exam": 1, "nr": 2, "asked": "3 + 3?", "said": "6", "mark": 1},
    ]
    text = "".join(json.dumps(paper) + "\n" for paper in papers)
    (tmp_path / "papers.log").write_text(text, encoding="utf-8")
    program = f"""
import json, corrigenda
with corrigenda.open({str(tmp_path / "w")!r}) as workspace:
    seen = workspace.look({str(tmp_path / "papers.log")!r})
    report = workspace.import_path({str(tmp_path / "papers.log")!r})
    (record,) = workspace.candidates()
    print(json.dumps([seen["source"], seen["why"], report.as_dict(), record]))
"""
    source, why, report, record = run(site, program)
    assert (source, why) == ("exam", "its lines have `exam`")
    assert report == {"imported": 1, "skipped": 0, "passes": 1}
    assert (record["source"], record["benchmark_run_id"]) == ("exam", "exam-1")
    assert record["model_response"] == "5"
