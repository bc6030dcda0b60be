"""What a model must be able to do, as written cases: minimum functionality, invariance and direction.

After Ribeiro et al. (2020), "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", ACL 2020. `cases.py`
says what a case is, `checks.py` judges one, `suite.py` runs them all; `docs/behaviour.md` is for whoever adds one.
"""

from __future__ import annotations

from training.behaviour.cases import Case, load_cases
from training.behaviour.suite import BehaviourResult, CapabilityRate, Failure, Rate, run_cases

__all__ = ["BehaviourResult", "CapabilityRate", "Case", "Failure", "Rate", "load_cases", "run_cases"]
