"""The rulebook: every equation of the model once, as a compiled function that knows no engine.

=================  ==============================================================================
module             what it holds
=================  ==============================================================================
``powers``         what a power can offer in a year: capability, budget, bids, club, public goods
``deal``           what a deal is worth to a state: terms, affinity, risk, dependence, penalties
``bargain``        prices: posted, counter-bids, the exclusion clause
``search``         whom to ask next, and which of the offers to take
``pressure``       when a power objects, and when a state gives in
``ties``           what a year leaves behind: exposure, beliefs, hostility, influence
``bloc``           coordination, the office, learning from peers
=================  ==============================================================================

Symbols are those of ``docs/odd.md``: i a state, g and h powers, k an issue, q shares, b prices, V valuations,
mu beliefs, A exposure, J justification, theta stake, tau severity.
"""
