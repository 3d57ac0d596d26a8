"""What the long runs have found, each as short as it can be told."""

from tests.mirror.conftest import files as files
from tests.mirror.files import Files, record


def test_a_file_that_comes_after_other_candidates_gets_them_too(files: Files) -> None:
    """They were pushed before there was a file, and then somebody began one."""
    workspace = files.open()
    workspace.push([b'{"id": "pushed"}\n'])
    files.write(record("written"))
    workspace.refresh()
    assert workspace.sync()
    assert [line["id"] for line in files.lines()] == ["pushed", "written"]
