from __future__ import annotations

from pathlib import Path

import pytest

from feedback_nlp.files import atomic_write


def test_the_file_holds_what_was_written(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "out.txt") as stream:
        stream.write(b"alles")
    assert (tmp_path / "out.txt").read_bytes() == b"alles"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, SystemExit])
def test_whatever_stops_the_writing_the_old_file_stays_and_nothing_else(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    target = tmp_path / "out.txt"
    target.write_bytes(b"oud")

    def write_half() -> None:
        with atomic_write(target) as stream:
            stream.write(b"half")
            raise stop

    with pytest.raises(stop):
        write_half()
    assert target.read_bytes() == b"oud"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_until_the_end_readers_see_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_bytes(b"oud")
    with atomic_write(target) as stream:
        stream.write(b"nieuw")
        stream.flush()
        assert target.read_bytes() == b"oud"
    assert target.read_bytes() == b"nieuw"


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_bytes(b"oud")
    target.chmod(0o640)
    with atomic_write(target) as stream:
        stream.write(b"nieuw")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"oud")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with atomic_write(tmp_path / "link.txt") as stream:
        stream.write(b"nieuw")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"nieuw"


def test_a_missing_folder_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "nowhere" / "out.txt"):
        pytest.fail("the block must not be entered")
