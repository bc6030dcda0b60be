"""What a run has done so far, kept beside the results so that the same command goes on where it was stopped.

OUT.work/
  run.json        what makes it the same run
  progress.json   how far it is: the file in hand, how much of its part counts, and the totals
  part            the results of the file in hand
  done/…          finished files, where OUT is a folder
  lock            held while a run is going on
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import IO, Self

from filelock import FileLock, Timeout

from feedback_nlp.errors import ScoreError
from feedback_nlp.files import atomic_write
from feedback_nlp.scoring.chunks import Scored
from feedback_nlp.scoring.encodings import Encoding
from feedback_nlp.scoring.plan import Plan

__all__ = ["Journal", "Progress"]

_EVERY = 2.0
_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        file: Number of the file in hand, from 0; those before it are finished.
        file_rows: How many of its rows are done.
        size: How many bytes of its part hold their results.
        rows: How many rows are done in all files.
        failed: How many of them have an error instead of an analysis.
        complaints: What was wrong with the first of these.
        finishing: Whether all rows of the file in hand are done, so that it is finished once its part is gone.
    """

    file: int = 0
    file_rows: int = 0
    size: int = 0
    rows: int = 0
    failed: int = 0
    complaints: tuple[str, ...] = field(default=())
    finishing: bool = False


class Journal:
    """The work folder of a plan; a context manager that holds it for one run.

    Args:
        plan: What is done.
        restart: Throw away what an earlier run did.
    """

    def __init__(self, plan: Plan, *, restart: bool = False) -> None:
        self._plan = plan
        self._restart = restart
        self.folder = plan.out.with_name(plan.out.name + ".work")
        self._part: IO[bytes] | None = None
        self._written = 0.0
        self.progress = Progress()

    def __enter__(self) -> Self:
        """Take the folder, and up what is in it.

        Raises:
            ScoreError: Another run holds it, or it is of a run with other input, another model or other options.
        """
        self.folder.mkdir(exist_ok=True)
        self._lock = FileLock(self.folder / "lock")
        try:
            self._lock.acquire(blocking=False)
        except Timeout as exc:
            raise ScoreError(f"{self.folder}: another run is writing these results") from exc
        try:
            self._take_up()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Note how far it came, or clear up when all is done."""
        try:
            if self._part is not None:
                self._note()
                self._part.close()
        finally:
            self._lock.release()
        if kind is None:
            shutil.rmtree(self.folder)

    def add(self, scored: Scored, encoding: Encoding) -> None:
        """Take the next piece, which may be the first of the next file."""
        if scored.file > self.progress.file:
            raise ScoreError("a file was not finished before the next one began")
        if self._part is None:
            self._open(encoding)
        assert self._part is not None
        self._part.write(scored.body)
        self.progress = replace(
            self.progress,
            file_rows=self.progress.file_rows + scored.rows,
            size=self.progress.size + len(scored.body),
            rows=self.progress.rows + scored.rows,
            failed=self.progress.failed + scored.failed,
            complaints=(*self.progress.complaints, *scored.complaints)[:_COMPLAINTS],
        )
        if time.monotonic() - self._written >= _EVERY:
            self._note()

    def finish_file(self, encoding: Encoding) -> None:
        """Make the file in hand a finished one."""
        if self._part is None:
            self._open(encoding)
        assert self._part is not None
        self.progress = replace(self.progress, finishing=True)
        self._note()
        self._part.close()
        self._part = None
        target = self._plan.targets[self.progress.file]
        if self._plan.is_folder:
            target = self.folder / "done" / target.relative_to(self._plan.out)
            target.parent.mkdir(parents=True, exist_ok=True)
        encoding.finish(self.folder / "part", target)
        self._next_file()

    def finish(self) -> None:
        """Put the finished folder in its place."""
        if self._plan.is_folder:
            if self._plan.out.is_dir():
                self._plan.out.rmdir()  # an empty one
            (self.folder / "done").replace(self._plan.out)

    def _next_file(self) -> None:
        file = self.progress.file + 1
        self.progress = replace(self.progress, file=file, file_rows=0, size=0, finishing=False)
        self._write()

    def _take_up(self) -> None:
        run, progress = self.folder / "run.json", self.folder / "progress.json"
        wanted = self._plan.fingerprint()
        if run.exists() and not self._restart:
            found = json.loads(run.read_bytes())
            if found != wanted:
                differs = ", ".join(key for key in wanted if found.get(key) != wanted[key])
                raise ScoreError(
                    f"{self.folder}: holds a run that was begun with other {differs}; finish that one with the same "
                    "command, or begin anew with --restart"
                )
            if progress.exists():
                self.progress = Progress(**json.loads(progress.read_bytes()))
                self.progress = replace(self.progress, complaints=tuple(self.progress.complaints))
                if self.progress.finishing and not (self.folder / "part").exists():
                    self._next_file()
                self.progress = replace(self.progress, finishing=False)
            return
        for path in self.folder.iterdir():
            if path.name in ("run.json", "progress.json", "part"):
                path.unlink()
            elif path.name == "done":
                shutil.rmtree(path)
        with atomic_write(run) as stream:
            stream.write(json.dumps(wanted, ensure_ascii=False).encode())

    def _open(self, encoding: Encoding) -> None:
        """Open the part of the file in hand where its last piece that counts ends."""
        path = self.folder / "part"
        if self.progress.size:
            self._part = path.open("r+b")
            if self._part.seek(0, os.SEEK_END) < self.progress.size:
                raise ScoreError(f"{path}: is shorter than was noted; begin anew with --restart")
            self._part.truncate(self.progress.size)
            self._part.seek(self.progress.size)
        else:
            self._part = path.open("wb")
            opening = encoding.opening()
            self._part.write(opening)
            self.progress = replace(self.progress, size=len(opening))
        self._written = time.monotonic()

    def _note(self) -> None:
        """Make the results so far safe, then say that they are."""
        assert self._part is not None
        self._part.flush()
        os.fsync(self._part.fileno())
        self._write()

    def _write(self) -> None:
        with atomic_write(self.folder / "progress.json") as stream:
            stream.write(json.dumps(asdict(self.progress), ensure_ascii=False).encode())
        self._written = time.monotonic()
