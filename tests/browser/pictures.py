"""Pictures for the documentation, written with `WRITE_PICTURES=1`."""

import os
from pathlib import Path

from playwright.sync_api import Page

IMAGES = Path(__file__).parents[2] / "docs/images"
LIMIT = 200_000  # bytes: they are in every clone


def take(page: Page, name: str) -> None:
    """Take a picture of what is shown."""
    picture = page.screenshot()
    assert len(picture) < LIMIT
    if os.environ.get("WRITE_PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        (IMAGES / name).write_bytes(picture)


def take_light(page: Page, name: str) -> None:
    """In the light."""
    page.emulate_media(color_scheme="light")
    take(page, f"{name}-light.png")


def take_both(page: Page, name: str) -> None:
    """In the light and in the dark."""
    take_light(page, name)
    page.emulate_media(color_scheme="dark")
    take(page, f"{name}-dark.png")
