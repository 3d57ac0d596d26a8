"""Checks of a correction: what is refused, and what is only said."""

from dataclasses import dataclass

from corrigenda.errors import BlankCorrection


@dataclass(frozen=True)
class Remark:
    """Something a reviewer should know about a correction that is accepted all the same."""

    code: str
    message: str


def check_correction(text: str | None) -> None:
    """Refuse a correction without words.

    Raises:
        BlankCorrection: `text` is `None`, empty or white space.
    """
    if text is None or not text.strip():
        raise BlankCorrection


def remarks(text: str | None, model_response: str | None) -> tuple[Remark, ...]:
    """What to say about a correction that is not refused.

    Example:
        >>> [r.code for r in remarks("18", "18 ")]
        ['unchanged']
        >>> remarks("18", "26")
        ()
    """
    if text is None or model_response is None or text.strip() != model_response.strip():
        return ()
    return (
        Remark(
            "unchanged",
            "The correction is the model's own response; if the answer was fine, "
            "discard it as `scoring_artifact`.",
        ),
    )
