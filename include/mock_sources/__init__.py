"""The six sources as they would answer, on invented persons: for tests, demonstrations and acceptance runs.

``python -m include.mock_sources --populatie DIR`` serves a population, ``… genereer`` invents one. In a test:
``with mock_bronnen(DIR) as base_url``, and ``Beheer(base_url)`` for faults and the call log.
"""

from include.mock_sources.app import maak_app
from include.mock_sources.beheer import Beheer
from include.mock_sources.bestanden import PopulatieFout
from include.mock_sources.draaien import mock_bronnen

__all__ = ["Beheer", "PopulatieFout", "maak_app", "mock_bronnen"]
