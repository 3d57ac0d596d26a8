"""Write the OpenAPI document from which the web page's client is generated."""

import json
import sys
from pathlib import Path

from corrigenda.api import create_app

TARGET = Path(__file__).parent.parent / "web" / "openapi.json"


def document() -> str:
    """The document as text, stable from run to run."""

    def nowhere() -> None:
        raise AssertionError("the document needs no workspace")

    app = create_app(nowhere)  # type: ignore[arg-type]  # never called
    schema = app.openapi()
    schema["info"]["version"] = "0"  # a release alone is no change of the API
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if TARGET.read_text("utf-8") != document():
            sys.exit(f"{TARGET.name} is out of date: run `make client`")
    else:
        TARGET.write_text(document(), "utf-8")
