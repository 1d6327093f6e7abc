"""Luck: words as published, addresses that nothing else shifts, uniforms and normals that are what they say."""

from __future__ import annotations

import itertools
from statistics import NormalDist

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from ana_sim.luck import PURPOSES, Luck, luck_of, name_hash, option_luck, unit
from ana_sim.normal import standard_normal
from ana_sim.philox import product, words
from ana_sim.rules import deal, search
from ana_sim.world import ways_for

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


def joined(entries):
    return sum(int(entry) << (64 * place) for place, entry in enumerate(entries))


def numpys_words(counter, key):
    """The words of NumPy's Philox, which counts up before it makes a block."""
    return np.random.Philox(counter=(joined(counter) - 1) % 2**256, key=joined(key)).random_raw(4)


@numba.njit
def compiled_product(a, b):
    return product(a, b)


# -- the generator --


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_published_known_answers(counter, key, expected):
    assert tuple(int(word) for word in words(counters(*counter), key)[0]) == expected


@given(st.tuples(word64, word64, word64, word64), st.tuples(word64, word64))
def test_the_words_are_numpys_own(counter, key):
    assert (words(counters(*counter), key)[0] == numpys_words(counter, key)).all()


@pytest.mark.parametrize("times", [product, compiled_product])
@given(a=word64, b=word64)
@example(a=FULL, b=FULL)
def test_the_two_words_of_a_product(times, a, b):
    with np.errstate(over="ignore"):
        high, low = times(np.uint64(a), np.uint64(b))
    assert (int(high) << 64) + int(low) == a * b


def test_the_high_word_elementwise():
    a, b = np.array([[0], [PI[0]], [FULL]], dtype=np.uint64), np.array(PI_ON, dtype=np.uint64)
    high, _ = product(a, b)
    assert high.tolist() == [[int(x) * int(y) >> 64 for y in b] for x in a.ravel()]


def test_words_are_broadcast():
    grid = words((np.arange(3, dtype=np.uint64)[:, None], np.arange(2, dtype=np.uint64), *counters(5, 6)), (1, 2))
    assert grid.shape == (3, 2, 4)
    assert (grid[2, 1] == words(counters(2, 1, 5, 6), (1, 2))[0]).all()


def test_uniforms_stay_within_their_open_interval():
    assert unit(np.uint64(0)) == 2.0**-53
    assert unit(np.uint64(FULL)) == 1.0 - 2.0**-53


def test_a_name_hashes_alike_on_every_machine():
    # BLAKE2b of 8 bytes, little-endian (RFC 7693); computed with GNU coreutils, `printf S0001 | b2sum -l 64`.
    assert name_hash("S0001") == int.from_bytes(bytes.fromhex("6ef11f5aeb7e444e"), "little")


# -- addresses --


@pytest.mark.parametrize("scope", PURPOSES)
def test_a_table_holds_the_words_of_its_addresses(scope):
    luck = some_luck(seed=-1)
    nobody, states, powers = [0], [name_hash(name) for name in STATES], [name_hash(name) for name in POWERS]
    first = {"start": nobody, "year": nobody, "power": powers}.get(scope, states)
    second = powers if scope.endswith("state_power") else nobody
    years = [0xFFFF] if scope.startswith("start") else range(YEARS)
    blocks = range(-(-len(PURPOSES[scope]) // 4))
    expected = [
        ((int(word) >> 12) + 0.5) / 2**52
        for year, one, other in itertools.product(years, first, second)
        for block in blocks
        for word in numpys_words((year << 16 | list(PURPOSES).index(scope) << 8 | block, one, other, 0), (FULL, 3))
    ]
    table = luck.table(scope)
    assert table.flags.c_contiguous
    assert table.dtype == np.float64
    assert table.ravel().tolist() == expected
    assert luck.table(scope) is table


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_uniforms_are_views_of_the_tables(purpose):
    luck, scope = some_luck(), scope_of(purpose)
    draws = luck.uniform(purpose)
    assert np.shares_memory(draws, luck.table(scope))
    assert (draws == luck.table(scope)[..., PURPOSES[scope].index(purpose)]).all()


@pytest.mark.parametrize("entities", [{"states": ()}, {"powers": ()}, {"years": 0}])
def test_there_is_luck_for_nobody(entities):
    luck = some_luck(**entities)
    for purpose in ALL_PURPOSES:
        assert luck.normal(purpose).shape == luck.uniform(purpose).shape
    assert luck.uniform("bid").size == 0


def test_an_unknown_scope_is_refused():
    with pytest.raises(KeyError, match="tea"):
        some_luck().table("tea")


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


def options_of(kind, splits, bidders):
    """The ways to place a project with so many bidders."""
    ways = ways_for(kind, splits, bidders)
    return ways.shares[ways.first[bidders] : ways.first[bidders + 1] - 1]


def codes_of(rows, powers):
    """Codes of rows of shares, by the powers that offer."""
    n = len(powers)
    project, names = np.zeros(1, deal.PROJECT), np.array([name_hash(name) for name in powers], dtype=np.uint64)
    project["bidders"] = n
    none = np.zeros((n, n))
    case = deal.Case(project[0], np.zeros(n, deal.POWER), np.arange(n), none, none, np.zeros(0), np.zeros(0))
    with np.errstate(over="ignore"):  # modulo 2**64
        return np.array([search.option_code(q, case, names) for q in rows], dtype=np.uint64)


def test_an_option_has_the_same_luck_whatever_other_options_and_powers_there_are():
    luck, wider = some_luck(), ("third", *POWERS[::-1])
    two, three, corner = (
        options_of("divisible", True, 2),
        options_of("divisible", True, 3),
        options_of("exclusive", True, 2),
    )
    known = dict(zip(map(tuple, two), luck.options(2, 1, codes_of(two, POWERS)), strict=True))
    by_shares = dict(zip(map(tuple, three), luck.options(2, 1, codes_of(three, wider)), strict=True))
    for (a, b), u in known.items():
        assert by_shares[0.0, b, a] == u
    for q, u in zip(corner, luck.options(2, 1, codes_of(corner, POWERS)), strict=True):
        assert known[tuple(q)] == u


def test_the_luck_of_an_option_alone():
    luck, codes = some_luck(), np.array([*PI, FULL], dtype=np.uint64)
    draws = luck.options(2, 1, codes)
    assert [option_luck(2, luck.state_hashes[1], code, *luck.key) for code in codes] == draws.tolist()
    word = numpys_words((2 << 16 | 0xFFFF, name_hash("B"), 0, FULL), (7, 3))[0]
    assert draws[-1] == ((int(word) >> 12) + 0.5) / 2**52


def test_no_options_no_luck():
    assert some_luck().options(2, 1, np.empty(0, dtype=np.uint64)).shape == (0,)


def test_options_differ_in_luck_by_year_and_state():
    luck, codes = some_luck(), codes_of(options_of("divisible", True, 2), POWERS)
    draws = [luck.options(year, state, codes) for year, state in itertools.product(range(3), range(3))]
    assert np.unique(np.concatenate(draws)).size == 9 * codes.size
    assert np.intersect1d(np.concatenate(draws), luck.uniform("need")).size == 0


def test_codes_tell_options_apart():
    rows = np.array(list(itertools.product(range(9), repeat=3))) / 8.0
    assert np.unique(codes_of(rows, ("a", "b", "c"))).size == len(rows)


# -- distributions --

BIG = {"states": tuple(f"S{n:04d}" for n in range(100)), "powers": ("h", "r", "t"), "years": 40}


@pytest.mark.parametrize("purpose", ["bid", "accept", "need", "turnover", "execute_standing", "insult_power"])
def test_draws_are_uniform_and_normal(purpose):
    # One p-value in 10,000 is smaller under the null; seeds are fixed.
    luck = some_luck(**BIG)
    assert stats.kstest(luck.uniform(purpose).ravel(), "uniform").pvalue > 1e-4
    assert stats.kstest(luck.normal(purpose).ravel(), "norm").pvalue > 1e-4


@pytest.mark.parametrize("purpose", ["need", "delivery_shared", "mix_offset"])
def test_a_normal_is_the_quantile_of_its_uniform(purpose):
    luck = some_luck()
    quantiles = [standard_normal(u) for u in luck.uniform(purpose).ravel().tolist()]
    assert luck.normal(purpose).ravel().tolist() == quantiles


def test_quantiles_of_the_standard_normal():
    low = np.concatenate([2.0 ** -np.arange(1.0, 54.0, 0.25), np.arange(1, 2000) / 4000])
    # Just within and just outside the regions of the approximation, |u - 0.5| = 0.425 and sqrt(-log u) = 5.
    edges = np.concatenate([np.nextafter(edge, [0.0, edge, 1.0]) for edge in (0.075, np.exp(-25.0))])
    u = np.concatenate([low, 1.0 - low, edges, 1.0 - edges])
    z = np.array([standard_normal(each) for each in u.tolist()])
    assert z == pytest.approx(ndtri(u), rel=1e-14, abs=0.0)
    # Python's own is the same algorithm, so that nothing but rounding may differ.
    assert z == pytest.approx([NormalDist().inv_cdf(each) for each in u.tolist()], rel=1e-15, abs=0.0)


@given(st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_the_quantile_is_the_same_without_the_compiler(u):
    assert standard_normal(u) == getattr(standard_normal, "py_func", standard_normal)(u)


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
