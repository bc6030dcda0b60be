from __future__ import annotations

import os

from joblib import delayed

from training.parallel import side_by_side


def test_much_work_is_done_in_other_processes_and_comes_back_in_order() -> None:
    results = list(side_by_side([delayed(_whoami)(number) for number in range(4)], 2, 100_000))
    assert [number for number, _ in results] == [0, 1, 2, 3]
    assert os.getpid() not in {process for _, process in results}


def test_little_work_is_done_here_and_only_when_its_result_is_asked_for() -> None:
    done: list[int] = []
    results = side_by_side((delayed(done.append)(number) for number in range(3)), 2, 50)
    next(results)
    assert done == [0]


def _whoami(number: int) -> tuple[int, int]:
    return number, os.getpid()
