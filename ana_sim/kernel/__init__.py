"""The compiled engine: the same world as the Mesa engine's, hundreds of times faster, and equal to the last bit.

It reads as the year reads in ``docs/odd.md``:

==================  ==========================================================  ==============================
phase               function                                                    rules
==================  ==========================================================  ==============================
(the year)          ``year.live``, ``year.deal_with_powers``
plan                ``plan.plan``                                               ``powers``
nature              ``nature.face_nature``                                      ``ties``, ``powers``
seek                ``seek.seek``                                               ``search``, ``bargain``, ``deal``
object              ``press.face_objections``, ``press.face_old_quarrels``      ``pressure``
settle              ``settle.settle``, ``settle.account``                       ``ties``, ``deal``
coordinate          ``society.coordinate``                                      ``bloc``
learn               ``society.learn``                                           ``bloc``
count               ``count.count_states``, ``count.report_powers``             ``ties``
==================  ==========================================================  ==============================

What it computes on are records with the names of the scenario file (``layout``); ``chance`` draws the luck of a year
where no other world shares it; ``dealings`` is what a power makes of a state's project; ``clock`` keeps the time of the
phases; ``engine`` is how Python sees it. There is no equation here: these functions fetch numbers, call
:mod:`ana_sim.rules`, and store what they return, as the agents do.
"""
