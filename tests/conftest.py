"""Settings shared by all tests.

Both profiles are derandomised, so that a gate's verdict depends on the code alone. ``make test`` uses the
first; ``make check`` the second, by ``pytest --hypothesis-profile=check``.
"""

import pytest
from hypothesis import HealthCheck, settings

from ana_sim.compiled import JIT_ENABLED


def fewer(many: int, few: int) -> int:
    """How many of something to try: few where the compiler is switched off, and worlds run a hundred times slower."""
    return many if JIT_ENABLED else few


def first_fast(*cases):
    """Cases of a costly test: the first is run by both gates, the others by the long one."""
    values = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=[pytest.mark.slow] if place else []) for place, case in enumerate(values)]


settings.register_profile(
    "default",
    max_examples=fewer(25, 5),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("check", settings.get_profile("default"), max_examples=fewer(250, 50))
settings.load_profile("default")
