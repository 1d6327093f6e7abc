"""Derive the tables of real states and the great powers' capability series from the raw source files.

    python experiments/derive_states.py --source DIR [--out DIR]

Reads five files of DIR (a folder with the sources named in ``ana_sim/data/COLUMNS.md``), and writes

- ``latin_america_2010.csv`` and ``latin_america_2000.csv``: the 33 Latin American and Caribbean members of
  the United Nations, in ISO3 order, a row each, with a ``<column>_flag`` beside each column that says where a
  value is imputed, coded or otherwise out of the ordinary (blank elsewhere);
- ``capability_<power>_<year>[_ppp].csv``: GDP relative to that of the United States in the start year;
- ``china_trade_ratio_lac.csv``: China's part of each state's trade with the United States and China, 2001 to 2010;
- ``derivation.json``: SHA-256 of every input and output.

No state column uses anything later than the table's own year, except that the trade shares of the 2000 table
are those of 2001, the first year of their source. The great powers' GDP runs to the last year of its source:
a forecast from 2010 is conditional on it. The trade ratio ends in 2010 whatever its source holds. Run again on the
same files, it writes the same bytes.

Exit status: 0 done; 2 an input is missing, lacks a column or cannot be used (one line says which and why).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

DEFAULT_OUT = Path(__file__).resolve().parent.parent / "ana_sim" / "data"
TABLE_YEARS = (2000, 2010)

#: Inputs and the columns that are read from each.
INPUTS: dict[str, tuple[str, ...]] = {
    "gdp_pop_lac.csv": (
        "iso3",
        "year",
        "population",
        "gdp_const_usd_wdi",
        "gdp_ppp_gapminder_const2021intl",
    ),
    "trade_shares_lac_2001_2024.csv": (
        "iso3",
        "year",
        "us_trade_share",
        "chn_trade_share",
        "flag_share_gt1",
    ),
    "unga_idealpoints_lac_1990_2023.csv": ("iso3", "session", "year", "n_votes", "dist_usa", "dist_chn"),
    "events_fta_lac.csv": ("iso3", "partner", "in_force", "status"),
    "events_recognition_switches_lac.csv": ("iso3", "date", "to"),
}

#: Shares of the United States and China, and whether the source flags them.
TRADE_COLUMNS = ["us_trade_share", "chn_trade_share", "flag_share_gt1"]

#: ISO3: full name and region. Regions are coded from membership of regional bodies, see COLUMNS.md.
STATES: dict[str, tuple[str, str]] = {
    "ARG": ("Argentina", "southern_cone"),
    "ATG": ("Antigua and Barbuda", "caribbean"),
    "BHS": ("Bahamas", "caribbean"),
    "BLZ": ("Belize", "caribbean"),
    "BOL": ("Bolivia", "andean"),
    "BRA": ("Brazil", "southern_cone"),
    "BRB": ("Barbados", "caribbean"),
    "CHL": ("Chile", "southern_cone"),
    "COL": ("Colombia", "andean"),
    "CRI": ("Costa Rica", "mesoamerica"),
    "CUB": ("Cuba", "caribbean"),
    "DMA": ("Dominica", "caribbean"),
    "DOM": ("Dominican Republic", "caribbean"),
    "ECU": ("Ecuador", "andean"),
    "GRD": ("Grenada", "caribbean"),
    "GTM": ("Guatemala", "mesoamerica"),
    "GUY": ("Guyana", "caribbean"),
    "HND": ("Honduras", "mesoamerica"),
    "HTI": ("Haiti", "caribbean"),
    "JAM": ("Jamaica", "caribbean"),
    "KNA": ("Saint Kitts and Nevis", "caribbean"),
    "LCA": ("Saint Lucia", "caribbean"),
    "MEX": ("Mexico", "mesoamerica"),
    "NIC": ("Nicaragua", "mesoamerica"),
    "PAN": ("Panama", "mesoamerica"),
    "PER": ("Peru", "andean"),
    "PRY": ("Paraguay", "southern_cone"),
    "SLV": ("El Salvador", "mesoamerica"),
    "SUR": ("Suriname", "caribbean"),
    "TTO": ("Trinidad and Tobago", "caribbean"),
    "URY": ("Uruguay", "southern_cone"),
    "VCT": ("Saint Vincent and the Grenadines", "caribbean"),
    "VEN": ("Venezuela", "andean"),
}

#: Power of the scenarios: its code in the sources.
POWERS = {"usa": "USA", "china": "CHN"}

#: States that recognised Taipei in 2000; later switches come from the events file.
TAIPEI_2000 = (
    *("BLZ", "CRI", "DMA", "DOM", "GRD", "GTM", "HND"),
    *("HTI", "KNA", "NIC", "PAN", "PRY", "SLV", "VCT"),
)
RECOGNISED_AS = {"ROC": "taipei", "PRC": "china"}

#: Coded values of strategic location, with the reason; 1 elsewhere.
STRATEGIC = {
    "MEX": (1.5, "coded: land border with the United States"),
    "PAN": (1.5, "coded: the Canal"),
}

#: Standard deviation of need over the states: the default sigma of generated states.
NEED_SPREAD = 0.2
#: Standard deviation of the voting score over the states, likewise.
IDEOLOGY_SPREAD = 0.057
#: Lowest diplomatic capacity, of a state that never votes; the most active has 1.
CAPACITY_FLOOR = 0.5
SESSIONS = 10
#: A voting score further from the mean than so many standard deviations is flagged (and kept).
OUTLIER_SD = 3.0
#: First year of the trade shares.
FIRST_TRADE_YEAR = 2001
EMBARGOED = {"usa": "CUB"}

#: Years of the record of trade. It ends where the forecast begins: what came after is not to be known here.
RATIO_YEARS = range(2001, 2011)
RATIO_DECIMALS = 6

DECIMALS = 4

Flagged = tuple[pd.Series, pd.Series]


class DerivationError(Exception):
    """An input is missing, lacks a column or holds no usable value."""


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_inputs(source: Path) -> dict[str, pd.DataFrame]:
    """Read the input files, each with the columns that are used.

    Raises
    ------
    DerivationError
        If a file is missing or lacks a column.
    """
    tables: dict[str, pd.DataFrame] = {}
    for name, columns in INPUTS.items():
        path = source / name
        if not path.is_file():
            raise DerivationError(f"input file {name!r} is not in {str(source)!r}")
        try:
            table = pd.read_csv(path)
        except ValueError as error:
            raise DerivationError(f"input file {name!r} cannot be read: {error}") from error
        missing = [column for column in columns if column not in table.columns]
        if missing:
            raise DerivationError(f"input file {name!r} lacks the column {missing[0]!r}")
        tables[name] = table[list(columns)]
    return tables


def no_flags() -> pd.Series:
    """Return a blank flag for every state."""
    return pd.Series("", index=list(STATES), dtype="object")


def latest(table: pd.DataFrame, column: str, year: int) -> Flagged:
    """Return each state's value of `year`, or of the last year before it that has one.

    Parameters
    ----------
    table : DataFrame
        With ``iso3``, ``year`` and `column`.
    column : str
        The column to take.
    year : int
        The table's year. Later rows are never looked at.

    Returns
    -------
    values, flags : Series, Series
        Indexed by ISO3; the flag names the year where it is not `year`.

    Raises
    ------
    DerivationError
        If a state has no value up to `year`.
    """
    known = table[(table["year"] <= year) & table[column].notna()].sort_values("year")
    last = known.groupby("iso3")[["year", column]].last().reindex(list(STATES))
    for state in last.index[last[column].isna()]:
        raise DerivationError(f"{state} has no value of {column!r} up to {year}")
    flags = no_flags()
    for state in STATES:
        found = int(last["year"][state])
        if found != year:
            flags[state] = f"imputed: value of {found}"
    return last[column].astype(float), flags


def size(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return GDP in billions of constant 2015 US dollars (World Bank)."""
    values, flags = latest(tables["gdp_pop_lac.csv"], "gdp_const_usd_wdi", year)
    return values / 1e9, flags


def need(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return need from income per head: mean 1 and standard deviation `NEED_SPREAD` over the states.

    need_i = 1 + NEED_SPREAD (mean_j ln x_j - ln x_i) / sd_j ln x_j, with x GDP per head in constant 2021
    international dollars (Gapminder GDP over population): the poorer, the needier.
    """
    table = tables["gdp_pop_lac.csv"]
    per_head = table.assign(head=table["gdp_ppp_gapminder_const2021intl"] / table["population"])
    values, flags = latest(per_head, "head", year)
    log = pd.Series(np.log(values.to_numpy(dtype=float)), index=values.index)
    return 1.0 + NEED_SPREAD * (log.mean() - log) / log.std(ddof=0), flags


def ideology(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return the voting score: positive nearer the United States, negative nearer China.

    Distance of ideal points to China less that to the United States in the year's General Assembly session,
    less its mean over the states that year, halved (Bailey, Strezhnev & Voeten 2017), in units in which its standard
    deviation over the states is `IDEOLOGY_SPREAD`: ideal points say who is nearer, not how much money that is worth. A
    score more than `OUTLIER_SD` standard deviations from the mean is kept and flagged.
    """
    table = tables["unga_idealpoints_lac_1990_2023.csv"]
    table = table[table["iso3"].isin(list(STATES))]
    lean = table["dist_chn"] - table["dist_usa"]
    score = (lean - lean.groupby(table["year"]).transform("mean")) / 2.0
    values, flags = latest(table.assign(score=score), "score", year)
    odd = (values - values.mean()).abs() > OUTLIER_SD * values.std(ddof=0)
    flags[odd & (flags == "")] = f"outlier: beyond {OUTLIER_SD:g} standard deviations; kept as in the source"
    return IDEOLOGY_SPREAD * values / values.std(ddof=0), flags


def diplomatic_capacity(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return capacity from recorded votes cast in the last ten General Assembly sessions.

    kappa_i = CAPACITY_FLOOR + (1 - CAPACITY_FLOOR) v_i / max_j v_j, with v the votes cast in those sessions.
    A session without a record of the state counts as no vote cast, and is flagged.
    """
    table = tables["unga_idealpoints_lac_1990_2023.csv"]
    table = table[table["iso3"].isin(list(STATES)) & table["year"].between(year - SESSIONS + 1, year)]
    votes = table.groupby("iso3")["n_votes"].agg(["sum", "count"]).reindex(list(STATES)).fillna(0)
    if not votes["sum"].max() > 0:
        raise DerivationError(f"no state has a recorded vote in the {SESSIONS} sessions up to {year}")
    flags = no_flags()
    for state in STATES:
        absent = SESSIONS - int(votes["count"][state])
        if absent:
            flags[state] = f"imputed: {absent} of {SESSIONS} sessions without a record count as no votes"
    activity = votes["sum"].astype(float) / float(votes["sum"].max())
    return CAPACITY_FLOOR + (1.0 - CAPACITY_FLOOR) * activity, flags


def exposure(tables: dict[str, pd.DataFrame], year: int, power: str, column: str) -> Flagged:
    """Return a power's share of the state's merchandise trade.

    A row that the source flags (shares above 1: trans-shipment, ship registries) is replaced by the median of
    the state's own unflagged years up to then. A state under a power's embargo has no trade with it. A year
    before the source's first takes its first.

    Raises
    ------
    DerivationError
        If a share lies outside 0..1, or a state has no usable year.
    """
    table = tables["trade_shares_lac_2001_2024.csv"]
    trade_year = max(year, FIRST_TRADE_YEAR)
    table = table[table["year"] <= trade_year]
    sound = table[table["flag_share_gt1"] == 0]
    values, flags = latest(sound, column, trade_year)
    flagged = table[(table["year"] == trade_year) & (table["flag_share_gt1"] != 0) & table["iso3"].isin(list(STATES))]
    for state in flagged["iso3"]:
        own = sound[sound["iso3"] == state]
        values[state] = float(own[column].median())
        flags[state] = f"imputed: median of own {len(own)} sound years up to {trade_year} (share above 1)"
    if trade_year != year:
        flags = flags.map(lambda flag: "; ".join(filter(None, [f"imputed: value of {trade_year}", flag])))
    if power in EMBARGOED:
        values[EMBARGOED[power]] = 0.0
        flags[EMBARGOED[power]] = "coded: embargo"
    for state, share in values.items():
        if not 0.0 <= share <= 1.0:
            raise DerivationError(f"{column!r} of {state} in {trade_year} is {share}: outside 0..1, unflagged")
    return values, flags


def recognises(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return which of ``china`` and ``taipei`` each state recognises at the end of `year`.

    The list of 2000 is coded; every switch since is an event of the source, and flagged with its year.
    """
    held, flags = no_flags(), no_flags()
    held[:] = "china"
    held[list(TAIPEI_2000)] = "taipei"
    flags[list(TAIPEI_2000)] = "coded: list of Taipei's partners in 2000"
    switches = tables["events_recognition_switches_lac.csv"].sort_values("date")
    for state, date, to in switches.itertuples(index=False):
        switched = int(str(date)[:4])
        if state in STATES and TABLE_YEARS[0] < switched <= year:
            if to not in RECOGNISED_AS:
                raise DerivationError(f"switch of {state} in {switched} is to {to!r}: ROC or PRC expected")
            held[state], flags[state] = RECOGNISED_AS[to], f"switched in {switched}"
    return held, flags


def deal_trade(tables: dict[str, pd.DataFrame], year: int) -> Flagged:
    """Return the powers with which each state has a trade agreement in force in `year`, joined by ``;``."""
    events = tables["events_fta_lac.csv"]
    events = events[(events["in_force"] <= year) & events["iso3"].isin(list(STATES))]
    held, flags = no_flags(), no_flags()
    for power, code in POWERS.items():
        for state, _, _, status in events[events["partner"] == code].itertuples(index=False):
            held[state] = ";".join(filter(None, [held[state], power]))
            if status != "confirmed":
                flags[state] = "partly confirmed: year of the treaty, not of the state"
    return held, flags


def state_table(tables: dict[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return the table of states of `year`: a row per state in ISO3 order, flags beside what is derived."""
    table = pd.DataFrame({"name": list(STATES), "full_name": [full for full, _ in STATES.values()]}, index=list(STATES))

    def add(column: str, derived: Flagged) -> None:
        values, flags = derived
        table[column] = values.round(DECIMALS) if pd.api.types.is_numeric_dtype(values) else values
        table[f"{column}_flag"] = flags

    add("size", size(tables, year))
    add("need", need(tables, year))
    assumed = no_flags()
    assumed[:] = "assumed: no series in the sources"
    add("resources", (pd.Series(1.0, index=table.index), assumed))
    strategic, coded = pd.Series(1.0, index=table.index), no_flags()
    for state, (value, reason) in STRATEGIC.items():
        strategic[state], coded[state] = value, reason
    add("strategic", (strategic, coded))
    add("diplomatic_capacity", diplomatic_capacity(tables, year))
    score, flags = ideology(tables, year)
    add("ideology_usa", (score, flags))
    add("ideology_china", (-score, flags))
    add("exposure_usa", exposure(tables, year, "usa", "us_trade_share"))
    add("exposure_china", exposure(tables, year, "china", "chn_trade_share"))
    add("recognises", recognises(tables, year))
    add("deal_trade", deal_trade(tables, year))
    regions, coded = no_flags(), no_flags()
    regions[:] = [region for _, region in STATES.values()]
    coded[:] = "coded: membership of regional bodies"
    add("region", (regions, coded))
    return table


def china_trade_ratio(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return China's part of each state's trade with the United States and China, by year.

    r_it = c_it / (c_it + u_it), with c and u the shares of China and the United States in merchandise trade, exports
    and imports together. The total that they are shares of cancels, so that rows which the source flags for it
    (shares above 1) can be used; they are flagged here too. Years after `RATIO_YEARS` are never looked at.

    Raises
    ------
    DerivationError
        If a state lacks a year, or trades with neither.
    """
    table = tables["trade_shares_lac_2001_2024.csv"]
    table = table[table["year"].isin(list(RATIO_YEARS))].set_index(["iso3", "year"])
    shares = {
        place: tuple(map(float, row)) for place, row in zip(table.index, table[TRADE_COLUMNS].to_numpy(), strict=True)
    }
    rows = []
    for state, year in product(STATES, RATIO_YEARS):
        if (state, year) not in shares:
            raise DerivationError(f"{state} has no trade shares in {year}")
        usa, china, odd = shares[state, year]
        if not usa + china > 0.0:
            raise DerivationError(f"{state} has no trade with the United States or China in {year}")
        reasons = []
        if state == EMBARGOED["usa"]:
            reasons.append("embargo: licensed sales only")
        if odd:
            reasons.append("doubtful: trans-shipment (shares above 1)")
        rows.append((state, year, round(china / (usa + china), RATIO_DECIMALS), "; ".join(reasons)))
    return pd.DataFrame(rows, columns=["state", "year", "ratio", "ratio_flag"])


def capability(tables: dict[str, pd.DataFrame], power: str, start: int, column: str) -> pd.DataFrame:
    """Return a power's GDP from `start` on, relative to that of the United States in `start`.

    Raises
    ------
    DerivationError
        If a year between the first and the last of the series is missing.
    """
    table = tables["gdp_pop_lac.csv"]
    gdp = table[(table["year"] >= start) & table[column].notna()].sort_values("year")
    own, usa = gdp[gdp["iso3"] == POWERS[power]], gdp[gdp["iso3"] == POWERS["usa"]]
    years = own["year"].astype(int).tolist()
    if usa.empty or int(usa["year"].iloc[0]) != start:
        raise DerivationError(f"no value of {column!r} for {POWERS['usa']} in {start}")
    if not years or years != list(range(start, start + len(years))):
        raise DerivationError(f"{column!r} of {POWERS[power]} has a gap from {start} on")
    relative = own[column].astype(float) / float(usa[column].iloc[0])
    return pd.DataFrame({"year": years, "value": relative.round(6).to_numpy()})


def derive(source: Path, out: Path) -> list[Path]:
    """Derive every output from the files in `source`, write them to `out` and return their paths."""
    tables = read_inputs(source)
    results: dict[str, pd.DataFrame] = {}
    for year in TABLE_YEARS:
        results[f"latin_america_{year}.csv"] = state_table(tables, year)
        for power in POWERS:
            for suffix, column in (("", "gdp_const_usd_wdi"), ("_ppp", "gdp_ppp_gapminder_const2021intl")):
                results[f"capability_{power}_{year}{suffix}.csv"] = capability(tables, power, year, column)
    results["china_trade_ratio_lac.csv"] = china_trade_ratio(tables)
    out.mkdir(parents=True, exist_ok=True)
    for name, table in results.items():
        table.to_csv(out / name, index=False, lineterminator="\n")
    record = {
        "inputs": {name: sha256(source / name) for name in sorted(INPUTS)},
        "outputs": {name: sha256(out / name) for name in sorted(results)},
    }
    manifest = out / "derivation.json"
    manifest.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8", newline="\n")
    return [*(out / name for name in results), manifest]


def main(arguments: list[str] | None = None) -> int:
    """Run the derivation from the command line and return the exit status."""
    parser = argparse.ArgumentParser(description="Derive the state tables and capability series.")
    parser.add_argument("--source", type=Path, required=True, help="folder with the raw source files")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder to write to (ana_sim/data)")
    options = parser.parse_args(arguments)
    try:
        written = derive(options.source, options.out)
    except DerivationError as error:
        print(f"derive_states: {error}", file=sys.stderr)
        return 2
    print(f"derive_states: wrote {len(written)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
