"""How a text sounds, by the words of VADER (C. Hutto and E. Gilbert, ICWSM 2014). It knows English only.

vaderSentiment is an extra (`pip install 'mailtix[sentiment]'`). The same text always gets the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

Measure = Callable[[str], float]
"""From -1 (bad) to 1 (good); 0 for what has no tone, and for other languages."""

# Its time grows with the square of the text: these many characters take some milliseconds, and anger comes early.
MOST = 2_000
INSTALL = "pip install 'mailtix[sentiment]'"


def available() -> Measure | None:
    """What measures, None when vaderSentiment is not installed. Its words are read with the first text."""
    return _measure if find_spec("vaderSentiment") else None


def _measure(text: str) -> float:
    return _analyser()(text[:MOST])


@cache
def _analyser() -> Measure:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    scores = SentimentIntensityAnalyzer().polarity_scores
    return lambda text: float(scores(text)["compound"])
