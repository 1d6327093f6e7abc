"""Settings shared by all tests.

Both profiles are derandomised, so that a gate's verdict depends on the code alone. ``make test`` uses the
first; ``make check`` the second, by ``pytest --hypothesis-profile=check``.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("check", settings.get_profile("default"), max_examples=250)
settings.load_profile("default")
