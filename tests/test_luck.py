"""Luck: words as published, addresses that nothing else shifts, uniforms and normals that are what they say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ana_sim.luck import PURPOSES, Luck, luck_of, name_hash, option_codes, uniform
from ana_sim.philox import high_word, words
from ana_sim.world import options_for

FULL = 2**64 - 1
PI = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89)
PI_ON = (0x452821E638D01377, 0xBE5466CF34E90C6C)

# The known answers of Random123 for philox4x64-10 (Salmon et al. 2011, file kat_vectors): counter, key, words.
KNOWN = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (FULL,) * 4,
        (FULL,) * 2,
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        PI,
        PI_ON,
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]

STATES, POWERS, YEARS = ("A", "B", "C"), ("hegemon", "rising"), 5
ALL_PURPOSES = [purpose for purposes in PURPOSES.values() for purpose in purposes]
word64 = st.integers(0, FULL)


def scope_of(purpose):
    return next(scope for scope, purposes in PURPOSES.items() if purpose in purposes)


def some_luck(states=STATES, powers=POWERS, years=YEARS, seed=7, replicate=3):
    return Luck(seed, replicate, years, states, powers)


def counters(*entries):
    return tuple(np.array([entry], dtype=np.uint64) for entry in entries)


# -- the generator --


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_published_known_answers(counter, key, expected):
    assert tuple(int(word) for word in words(counters(*counter), key)[0]) == expected


@given(st.tuples(word64, word64, word64, word64), st.tuples(word64, word64))
def test_the_words_are_numpys_own(counter, key):
    # NumPy's Philox counts up before it makes a block.
    before = (sum(entry << (64 * place) for place, entry in enumerate(counter)) - 1) % 2**256
    source = np.random.Philox(counter=before, key=sum(entry << (64 * place) for place, entry in enumerate(key)))
    assert (words(counters(*counter), key)[0] == source.random_raw(4)).all()


@given(word64, word64)
def test_the_high_word_of_a_product(a, b):
    with np.errstate(over="ignore"):
        assert int(high_word(np.uint64(a), np.uint64(b))) == (a * b) >> 64


def test_words_are_broadcast():
    grid = words((np.arange(3, dtype=np.uint64)[:, None], np.arange(2, dtype=np.uint64), *counters(5, 6)), (1, 2))
    assert grid.shape == (3, 2, 4)
    assert (grid[2, 1] == words(counters(2, 1, 5, 6), (1, 2))[0]).all()


def test_uniforms_stay_within_their_open_interval():
    lowest, highest = uniform(np.array([0, FULL], dtype=np.uint64))
    assert 0.0 < lowest < 1e-15
    assert 1.0 - 1e-15 < highest < 1.0


def test_a_name_hashes_alike_on_every_machine():
    # BLAKE2b of 8 bytes, little-endian (RFC 7693); computed with GNU coreutils, `printf S0001 | b2sum -l 64`.
    assert name_hash("S0001") == int.from_bytes(bytes.fromhex("6ef11f5aeb7e444e"), "little")


# -- addresses --


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_shapes_follow_the_scope(purpose):
    n, g = len(STATES), len(POWERS)
    shapes = {
        "start": (),
        "start_state": (n,),
        "start_state_power": (n, g),
        "year": (YEARS,),
        "power": (YEARS, g),
        "state": (YEARS, n),
        "state_power": (YEARS, n, g),
    }
    assert some_luck().uniform(purpose).shape == shapes[scope_of(purpose)]
    assert some_luck().normal(purpose).shape == shapes[scope_of(purpose)]


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_a_year_more_shifts_nothing(purpose):
    here, longer = some_luck().uniform(purpose), some_luck(years=YEARS + 3).uniform(purpose)
    starts = scope_of(purpose).startswith("start")
    assert (longer == here).all() if starts else (longer[:YEARS] == here).all()


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_a_state_more_shifts_nothing(purpose):
    here, more = some_luck().uniform(purpose), some_luck(states=("C", "New", "A", "B")).uniform(purpose)
    scope = scope_of(purpose)
    if "state" in scope:
        axis = 0 if scope.startswith("start") else 1
        more = np.take(more, [2, 3, 0], axis=axis)
    assert (more == here).all()


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_a_power_more_shifts_nothing(purpose):
    here, more = some_luck().uniform(purpose), some_luck(powers=("rising", "third", "hegemon")).uniform(purpose)
    if "power" in scope_of(purpose):
        more = more[..., [2, 0]]
    assert (more == here).all()


def test_a_purpose_more_shifts_nothing(monkeypatch):
    before = {purpose: some_luck().uniform(purpose) for purpose in ALL_PURPOSES}
    for scope, purposes in PURPOSES.items():
        monkeypatch.setitem(PURPOSES, scope, (*purposes, *(f"{scope}_new_{n}" for n in range(5))))
    after = some_luck()
    for purpose, draws in before.items():
        assert (after.uniform(purpose) == draws).all()
    assert after.uniform("state_power_new_4").shape == (YEARS, len(STATES), len(POWERS))


def test_the_order_in_which_draws_are_taken_does_not_matter():
    first, last = some_luck(), some_luck()
    forwards = [first.uniform(purpose).copy() for purpose in ALL_PURPOSES]
    backwards = [last.uniform(purpose).copy() for purpose in reversed(ALL_PURPOSES)][::-1]
    assert all((a == b).all() for a, b in zip(forwards, backwards, strict=True))


def test_no_two_addresses_share_a_draw():
    luck = some_luck(states=tuple(f"S{n}" for n in range(30)), years=30)
    draws = np.concatenate([luck.uniform(purpose).ravel() for purpose in ALL_PURPOSES])
    assert draws.size > 20_000
    assert np.unique(draws).size == draws.size


@pytest.mark.parametrize("other", [{"seed": 8}, {"replicate": 4}])
def test_seed_and_replicate_change_every_draw(other):
    for purpose in ALL_PURPOSES:
        assert (some_luck().uniform(purpose) != some_luck(**other).uniform(purpose)).all()


def test_a_seed_is_not_taken_for_a_replicate():
    assert (some_luck(seed=1, replicate=2).uniform("bid") != some_luck(seed=2, replicate=1).uniform("bid")).all()


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_any_seed_will_do(seed):
    draws = some_luck(seed=seed).uniform("need")
    assert np.isfinite(draws).all()


def test_an_unknown_purpose_is_refused():
    with pytest.raises(KeyError, match="tea"):
        some_luck().uniform("tea")


def test_the_luck_of_a_replicate_is_filled_once():
    shared = luck_of(1, 2, YEARS, STATES, POWERS)
    assert shared is luck_of(1, 2, YEARS, STATES, POWERS)
    assert (shared.uniform("bid") == some_luck(seed=1, replicate=2).uniform("bid")).all()


# -- options --


def test_an_option_has_the_same_luck_whatever_other_options_and_powers_there_are():
    luck = some_luck()
    two, three = options_for("divisible", True, POWERS), options_for("divisible", True, ("third", *POWERS[::-1]))
    corner = options_for("divisible", False, POWERS)
    draws = {options: luck.options(2, 1, options.codes) for options in (two, three, corner)}
    by_shares = {tuple(q): u for q, u in zip(three.shares[:-1], draws[three], strict=True)}
    for q, u in zip(two.shares[:-1], draws[two], strict=True):
        assert by_shares[0.0, q[1], q[0]] == u
    known = {tuple(q): u for q, u in zip(two.shares[:-1], draws[two], strict=True)}
    for q, u in zip(corner.shares[:-1], draws[corner], strict=True):
        assert known[tuple(q)] == u


def test_options_differ_in_luck_by_year_and_state():
    luck, codes = some_luck(), options_for("divisible", True, POWERS).codes
    draws = [luck.options(year, state, codes) for year, state in itertools.product(range(3), range(3))]
    assert np.unique(np.concatenate(draws)).size == 9 * codes.size
    assert np.intersect1d(np.concatenate(draws), luck.uniform("need")).size == 0


def test_codes_tell_options_apart():
    eighths = np.array(list(itertools.product(range(9), repeat=3)), dtype=np.int64)
    assert np.unique(option_codes(eighths, ("a", "b", "c"))).size == len(eighths)


# -- distributions --

BIG = {"states": tuple(f"S{n:04d}" for n in range(100)), "powers": ("h", "r", "t"), "years": 40}


@pytest.mark.parametrize("purpose", ["bid", "accept", "need", "turnover", "execute_standing", "insult_power"])
def test_draws_are_uniform_and_normal(purpose):
    # One p-value in 10,000 is smaller under the null; seeds are fixed.
    luck = some_luck(**BIG)
    assert stats.kstest(luck.uniform(purpose).ravel(), "uniform").pvalue > 1e-4
    assert stats.kstest(luck.normal(purpose).ravel(), "norm").pvalue > 1e-4


def test_a_normal_is_the_quantile_of_its_uniform():
    luck = some_luck(**BIG)
    assert luck.normal("need") == pytest.approx(stats.norm.ppf(luck.uniform("need")))


def test_neighbouring_draws_are_independent():
    # Pearson's r of n independent pairs has standard error 1 / sqrt(n): by purpose, power, state, year, replicate.
    luck, next_one = some_luck(**BIG), some_luck(**BIG, replicate=4)
    bid, accept = luck.uniform("bid"), luck.uniform("accept")
    pairs = [
        (bid, accept),
        (bid[..., 0], bid[..., 1]),
        (bid[:, :-1], bid[:, 1:]),
        (bid[:-1], bid[1:]),
        (bid, next_one.uniform("bid")),
    ]
    for one, other in pairs:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4.0 / np.sqrt(one.size)


def test_each_replicate_is_a_sample_of_its_own():
    means = [some_luck(**BIG, replicate=n).uniform("bid").mean() for n in range(60)]
    n = BIG["years"] * len(BIG["states"]) * len(BIG["powers"])
    assert stats.kstest((np.array(means) - 0.5) / np.sqrt(1 / 12 / n), "norm").pvalue > 1e-4
