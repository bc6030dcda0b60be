"""How the bytes of a text file are to be read: UTF-8, UTF-16 or Windows-1252.

Bytes that do not fit the chosen encoding are handed on as lone surrogates, so that the row they stand in can be
reported and the rest be read.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Encoding", "detect_encoding", "open_text"]

_BLOCK = 1 << 20
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}",
)
_HIGH = re.compile(rb"[\x80-\xff]")
_NUL_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name, what it does with bytes that do not fit, and the length of the byte-order mark to skip."""

    name: str
    errors: str
    skip: int = 0


def detect_encoding(stream: BinaryIO) -> Encoding:
    """Look through the whole stream, block by block, and put it back at its start.

    A byte-order mark decides. Without one it is UTF-8, unless bytes that are not UTF-8 outnumber the characters of more
    than one byte: then Windows-1252, as Excel writes it. A file in UTF-8 with a few damaged rows thus stays UTF-8.

    Args:
        stream: Seekable, at its start.
    """
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8", "surrogateescape", skip=3)
    if head.startswith(codecs.BOM_UTF16_LE):
        return Encoding("utf-16-le", "surrogatepass", skip=2)
    if head.startswith(codecs.BOM_UTF16_BE):
        return Encoding("utf-16-be", "surrogatepass", skip=2)
    for name, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        high, low = head[offset::2].count(0), head[1 - offset :: 2].count(0)
        if high > _NUL_SHARE * len(head) / 2 and high > 10 * low:
            return Encoding(name, "surrogatepass")
    fitting = stray = 0
    tail = b""
    while block := stream.read(_BLOCK):
        if not tail and block.isascii():
            continue
        block = tail + block
        cut = _complete(block)
        tail, block = block[cut:], block[:cut]
        fitting += len(_MULTIBYTE.findall(block))
        stray += len(_HIGH.findall(_MULTIBYTE.sub(b"", block)))
    stray += len(tail)
    stream.seek(0)
    if stray > fitting:
        return Encoding("cp1252", "surrogateescape")
    return Encoding("utf-8", "surrogateescape")


def open_text(stream: BinaryIO) -> io.TextIOWrapper:
    """The stream as text in its detected encoding, line ends untouched.

    Args:
        stream: Seekable, at its start.
    """
    encoding = detect_encoding(stream)
    stream.seek(encoding.skip)
    return io.TextIOWrapper(stream, encoding=encoding.name, errors=encoding.errors, newline="")


def _complete(block: bytes) -> int:
    """Where to cut so that no character of up to four bytes is cut in two."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte < 0x80:
            return len(block)
        if byte >= 0xC0:
            return len(block) - back
    return len(block)
