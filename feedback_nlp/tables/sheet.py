"""The first sheet of an Excel workbook (XLSX), record by record."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from feedback_nlp.errors import TableError
from feedback_nlp.tables.bombs import MAX_RATIO, SMALL

__all__ = ["read_sheet"]

_MAX_UNPACKED = 4 << 30
_MAX_STRINGS = 512 << 20
_STRINGS = "sharedstrings.xml"
_MAX_ROWS = 1_048_576


def read_sheet(stream: BinaryIO, source: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Row number in the sheet, from 1, and cell values of every row that is not empty.

    Args:
        stream: Seekable, at its start.
        source: How to name the workbook in an error.

    Raises:
        TableError: It is no workbook, it is damaged, or it unpacks to an unreasonable size.
    """
    from openpyxl import load_workbook

    _refuse_bombs(stream, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that do not matter to the values
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except Exception as exc:  # whatever a damaged workbook makes its parser raise
        raise TableError(f"{source}: cannot be read as an Excel workbook (.xlsx): {exc}") from exc
    try:
        if not book.worksheets:
            raise TableError(f"{source}: the workbook has no sheet with cells")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > _MAX_ROWS:
                raise TableError(f"{source}: has a row {number:,}; a sheet has at most {_MAX_ROWS:,}")
            if any(value is not None and value != "" for value in values):
                yield number, values
    except TableError:
        raise
    except Exception as exc:  # as above, in a sheet
        raise TableError(f"{source}: the workbook is damaged: {exc}") from exc
    finally:
        book.close()


def _refuse_bombs(stream: BinaryIO, source: str) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as exc:
        raise TableError(f"{source}: cannot be read as an Excel workbook (.xlsx): {exc}") from exc
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > _MAX_UNPACKED or (unpacked > SMALL and unpacked > MAX_RATIO * packed):
        raise TableError(f"{source}: refused, {packed:,} bytes would unpack to {unpacked:,}")
    texts = sum(member.file_size for member in members if member.filename.lower().endswith(_STRINGS))
    if texts > _MAX_STRINGS:  # they are kept in memory while the sheet is read
        most = f"at most {_MAX_STRINGS:,} are read"
        raise TableError(f"{source}: refused, its texts are {texts:,} bytes, and {most}; save it as .csv")
    stream.seek(0)
