"""How long a failed job waits before it is tried again."""

from __future__ import annotations

import random

BASE_S = 2.0
CEILING_S = 300.0


def delay_s(attempt: int, *, retry_after_s: float | None = None, rng: random.Random | None = None) -> float:
    """Seconds until the next try after `attempt` (1 for the first) failed.

    Exponential with equal jitter (half fixed, half random) under a ceiling, so a crowd of jobs does not come back at
    once; never less than what the other side asked for (Retry-After). Source: M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015.
    """
    full = min(CEILING_S, BASE_S * 2.0 ** max(0, attempt - 1))
    jittered = full / 2 + (rng or random).uniform(0, full / 2)
    return max(jittered, retry_after_s or 0.0)
