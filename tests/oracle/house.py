"""What a company decides once for all of its plans."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FX_TABLE = "budget 2024"
PAY_TABLE = "payroll"  # of the rates of pay


@dataclass(frozen=True)
class House:
    """What a company decides once."""

    currency: str
    exponent: int
    fiscal_year_starts: str
    rounding: str
    counts_on: str
    accepted_within: int
    win_back: int | None
    new_logo_by: str | None  # the same in all plans, or each its own; with `win_back` it is the same
    payable: str
    takes_back: bool  # every plan says what a loss takes back
    lends: bool  # every plan has a draw; else each plan decides
    recoverable: str  # all draws, or none, since those of a participant are one top-up (T3)
    negative: str  # one for all, since the balances of a participant are one for all their plans (T4)
    fx: str | None = None  # by which rate other currencies are converted

    @property
    def pay_fx(self) -> str | None:
        """By which rate pay becomes another currency, apart from what the seed draws; the same in all plans."""
        return Random(self.negative + self.currency).choice((None, "plan_rate", "month_start", "month_end"))


def house(rng: Random) -> House:
    currency, exponent = rng.choice((("EUR", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)))
    win_back = rng.choice((None, None, 1, 6))
    lends, recoverable = rng.random() < 0.4, rng.choice(("yes", "no"))
    return House(
        currency=currency,
        exponent=exponent,
        fiscal_year_starts=rng.choice(("january", "january", "april", "february", "october")),
        rounding=rng.choice(("half_up", "half_even", "down")),
        counts_on=rng.choice(("accepted", "closed")),
        accepted_within=rng.choice((0, 1, 10, 45)),
        win_back=win_back,
        new_logo_by=rng.choice(("account", "ultimate_parent")) if win_back else None,
        payable=rng.choice(("accepted", "closed")),
        takes_back=rng.random() < 0.5,
        lends=lends,
        recoverable=recoverable,
        negative=_negative(rng, recoverable if lends else None),
    )


def _negative(rng: Random, draw: str | None) -> str:
    never = rng.choice(("0", "150", *(["draw"] if draw else [])))
    order = rng.choice(("oldest first", "draw first", "negative first"))
    most = rng.choice(("100%", "50%", "1/3"))
    carry = rng.choice(("yes", "yes", "no") if draw == "yes" else ("yes",))
    return f"{{carry: {carry}, recover_at_most: {most}, never_below: {never}, order: {order}}}"
