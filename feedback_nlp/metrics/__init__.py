"""Measures of what customers say: scores, cuts, drivers, changes, effects and the radar; pure functions.

Every figure comes as an `Estimate` (or a row of a frame) with its n and interval. The modules:

* `nps`, `ces`, `cas`, `first_contact`, `shares`: the scores; `cuts`: all of them over any cut; `dna`: the index.
* `quantification`, `moments`: the score of those who gave none.
* `drivers`, `lmg`, `decomposition`: what moves the score.
* `weekly`, `did`, `power`, `effect`: did an improvement work.
* `counts`, `baseline`, `alarm_level`, `limits`, `radar`, `best_radar`: what rises by more than noise.
"""

from __future__ import annotations

from feedback_nlp.metrics.cas import CasScale, cas, cas_pillars
from feedback_nlp.metrics.ces import CesVariant, ces, ces_from_counts
from feedback_nlp.metrics.counts import WeeklyCounts, weekly_counts
from feedback_nlp.metrics.cuts import cut
from feedback_nlp.metrics.decomposition import Change, Contribution, decompose_change, decompose_patterns
from feedback_nlp.metrics.dna import DnaIndex, dna_index, dna_of_patterns
from feedback_nlp.metrics.drivers import Driver, Quadrant, Side, drivers, drivers_of_patterns
from feedback_nlp.metrics.effect import (
    Caution,
    CautionCode,
    Effect,
    EffectRules,
    Reason,
    Verdict,
    effect_of,
    effect_of_weeks,
)
from feedback_nlp.metrics.first_contact import first_contact_resolution, solved_at_first_contact
from feedback_nlp.metrics.frames import analysis_frame, one_row_a_theme, period
from feedback_nlp.metrics.intervals import Estimate, wilson
from feedback_nlp.metrics.limits import Limits, RadarRules, limits
from feedback_nlp.metrics.moments import Moments
from feedback_nlp.metrics.nps import ScoreDifference, eps, nps, nps_difference, nps_from_counts
from feedback_nlp.metrics.patterns import Patterns, pack
from feedback_nlp.metrics.quantification import (
    Method,
    Quantifier,
    group_of,
    overall_nps,
    overall_nps_of_moments,
)
from feedback_nlp.metrics.radar import Rise, radar, rises, shared_out, watch
from feedback_nlp.metrics.ranks import Rank, ranks
from feedback_nlp.metrics.shares import theme_shares
from feedback_nlp.metrics.weekly import Outcome, WeeklyCells, weekly_cells

__all__ = [
    "CasScale", "Caution", "CautionCode", "CesVariant", "Change", "Contribution", "DnaIndex", "Driver",
    "Effect", "EffectRules", "Estimate", "Limits", "Method", "Moments", "Outcome", "Patterns", "Quadrant",
    "Quantifier", "RadarRules", "Rank", "Reason", "Rise", "ScoreDifference", "Side", "Verdict", "WeeklyCells",
    "WeeklyCounts", "analysis_frame", "cas", "cas_pillars", "ces", "ces_from_counts", "cut", "decompose_change",
    "decompose_patterns", "dna_index", "dna_of_patterns", "drivers", "drivers_of_patterns", "effect_of",
    "effect_of_weeks", "eps", "first_contact_resolution", "group_of", "limits", "nps", "nps_difference",
    "nps_from_counts", "one_row_a_theme", "overall_nps", "overall_nps_of_moments", "pack", "period", "radar",
    "ranks", "rises", "shared_out", "solved_at_first_contact", "theme_shares", "watch", "weekly_cells",
    "weekly_counts", "wilson",
]  # fmt: skip
