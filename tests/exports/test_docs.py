"""Every format has its section in the documentation."""

from pathlib import Path

import pytest

from corrigenda import plugins

DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
FORMATS = plugins.installed(plugins.EXPORTS)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_has_its_section(name: str) -> None:
    text = DOCS.read_text("utf-8")
    heading = f"### {FORMATS[name].title} (`{name}`)"
    assert heading in text
    anchor = "".join(c for c in heading[4:].lower().replace(" ", "-") if c.isalnum() or c in "-_")
    assert f"(#{anchor})" in text, "the table at the start leads to it"
