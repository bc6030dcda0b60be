"""Says the dashboards' figures in words, tables and charts, every mark leading to the items behind it.

A module for what each dashboard shows; `phrasing` and `rows` are what they share.
"""

from __future__ import annotations

from service.dashboard.present.change import change_sections, change_stats
from service.dashboard.present.dna import dna_sections
from service.dashboard.present.drivers import driver_sections
from service.dashboard.present.journey import journey_sections, journey_stats
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.radar import radar_sections
from service.dashboard.present.rows import dutch
from service.dashboard.present.themes import theme_sections
from service.dashboard.present.topics import topic_section
from service.dashboard.present.trend import trend_sections

__all__ = [
    "Phrasing",
    "change_sections",
    "change_stats",
    "dna_sections",
    "driver_sections",
    "dutch",
    "journey_sections",
    "journey_stats",
    "radar_sections",
    "theme_sections",
    "topic_section",
    "trend_sections",
]
