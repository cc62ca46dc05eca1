"""What a draw lends until its limit is owed, with the arithmetic beside it (T3)."""

from __future__ import annotations

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pay import pay
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .pay import paid_out
from .small import OWN, Case, day, plan

PAY = f"{OWN}components: {{pay: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: 10%}}}}}}}}\n"
DRAW = "{amount: 300, per: month, recoverable: yes, owes_at_most: 500}"
NEGATIVE = "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}"


def test_a_draw_lends_until_its_limit_is_owed_and_again_what_is_recovered() -> None:
    """300.00 and 200.00 are lent, so that 500.00 are owed. March pays its 100.00 towards them, which leaves room for as
    much, though 200.00 lack to the draw. April's 400.00 are recovered whole, and nothing is lent; in May 100.00 are
    owed, so that 300.00 are lent once more, and in June 100.00."""
    terms = plan(PAY, draw=DRAW, negative=NEGATIVE)
    case = (
        Case().person("ann", start="2026-01-01").deal("d1", "2026-03-02", 1_000_00).deal("d2", "2026-04-02", 4_000_00)
    )
    until = day("2026-07-01")
    wanted = paid_out([terms], case.facts, calculate([terms], case.facts), until)
    found = pay(core([terms], case.facts, PlainMatcher()), [terms], case.facts, until=until).accounts
    assert dict(found.select("month", "draw_minor").iter_rows()) == {key[2]: owed for key, owed in wanted.draw.items()}
    steps = found.select("recovered_draw_minor", "lent_minor", "payout_minor", "draw_minor").rows()
    assert steps == [
        (0, 300_00, 300_00, 300_00),
        (0, 200_00, 200_00, 500_00),
        (100_00, 100_00, 100_00, 500_00),
        (400_00, 0, 0, 100_00),
        (0, 300_00, 300_00, 400_00),
        (0, 100_00, 100_00, 500_00),
    ]


def test_a_later_plan_without_a_draw_makes_no_gift_of_the_draw_of_another() -> None:
    """The second plan begins in February and lends nothing. Of the first one's 1,000.00 more are owed each month."""
    own = {"draw": "{amount: 1_000, per: month, recoverable: yes}", "negative": NEGATIVE}
    plans = [plan(PAY, **own), plan(PAY, "spiff", negative=NEGATIVE)]
    case = Case().person("ann", start="2026-01-01").person("ann", "spiff", start="2026-02-01")
    until = day("2026-04-01")
    wanted = paid_out(plans, case.facts, calculate(plans, case.facts), until)
    found = pay(core(plans, case.facts, PlainMatcher()), plans, case.facts, until=until).accounts
    assert dict(found.select("month", "draw_minor").iter_rows()) == {key[2]: owed for key, owed in wanted.draw.items()}
    assert found["draw_minor"].to_list() == [1_000_00, 2_000_00, 3_000_00]
