"""Measured figures inside pages: a command writes them between markers, nobody types them."""

from __future__ import annotations

from pathlib import Path

from feedback_nlp.errors import FeedbackNlpError
from feedback_nlp.files import atomic_write

__all__ = ["replace_block"]


def replace_block(page: Path, name: str, content: str) -> None:
    """Put content between `<!-- name -->` and `<!-- /name -->` of a page.

    Raises:
        FeedbackNlpError: The page has no such markers.
    """
    text = page.read_text("utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise FeedbackNlpError(
            f"{page}: has no place for these figures; put {begin} and {end} where they belong"
        )
    with atomic_write(page) as file:
        file.write(f"{before}{begin}\n{content}\n{end}{after}".encode())
