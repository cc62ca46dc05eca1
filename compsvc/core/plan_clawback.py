"""What a loss takes back, as a plan says it (T1)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, WithJsonSchema, model_validator

from compsvc.core.limits import MAX_TITLE_CHARACTERS
from compsvc.core.losses import LossKind
from compsvc.core.node import Node, choices_of, report, wrong
from compsvc.core.plan_values import Part, kind_of, one_or_list, read_months, read_title
from compsvc.core.problems import did_you_mean

OTHER = "any other"
NOTHING = "none"
KINDS_OF_LOSS = frozenset(get_args(LossKind))


@dataclass(frozen=True, slots=True)
class FullWithin:
    """All is owed for some months from the start on, then less with each of `over` more; none: nothing after."""

    months: int
    over: int = 0


_MONTHS = "[0-9]{1,6} months?"
_FULL = re.compile(rf"full within ({_MONTHS})(?: then pro rata over ({_MONTHS}))?")
_PRO_RATA = re.compile(rf"pro rata over ({_MONTHS})")


def _read_schedule(value: object) -> object:
    """`full`, `pro rata over 12 months` as the number of months, or `full within 6 months`."""
    if value == "full" or isinstance(value, int | FullWithin):
        return value
    text = value if isinstance(value, str) else ""
    if match := _PRO_RATA.fullmatch(text):
        return read_months(match[1])
    if match := _FULL.fullmatch(text):
        return FullWithin(read_months(match[1]), read_months(match[2]) if match[2] else 0)
    known = "`full`, `pro rata over 12 months`, `full within 6 months`"
    both = "`full within 3 months then pro rata over 9 months`"
    raise wrong("BAD_SCHEDULE", f"{kind_of(value)} is no schedule. Write {known} or {both}.")


def _read_schedule_or_none(value: object) -> object:
    return value if value == NOTHING else _read_schedule(value)


_SCHEDULES = f"full|{_PRO_RATA.pattern}|{_FULL.pattern}"
Schedule = Annotated[
    Literal["full"] | int | FullWithin,
    BeforeValidator(_read_schedule),
    WithJsonSchema({"type": "string", "pattern": f"^({_SCHEDULES})$"}),
]
ScheduleOrNone = Annotated[
    Literal["full", "none"] | int | FullWithin,
    BeforeValidator(_read_schedule_or_none),
    WithJsonSchema({"type": "string", "pattern": f"^({NOTHING}|{_SCHEDULES})$"}),
]


LossName = Annotated[
    Literal["any other"] | LossKind | str,  # a reason is a text of the facts
    BeforeValidator(read_title),
    WithJsonSchema({"type": "string", "maxLength": MAX_TITLE_CHARACTERS}),
]


class Way(Node):
    """What losses for some reasons, or of some kinds, take back (T1)."""

    of: Annotated[tuple[LossName, ...], BeforeValidator(one_or_list), Field(min_length=1)] = Field(
        alias="for", description="The reasons or kinds as the facts have them, or `any other`."
    )
    schedule: ScheduleOrNone = Field(description="`full`, `none`, or less with time: `pro rata over 12 months`.")
    share: Part = Field(
        Fraction(1), description="How much of what is lost is taken back, such as `50%`; all if left out."
    )


class Clawback(Node):
    """What a loss takes back of what its deal was paid (T1)."""

    basis: Literal["as_paid", "original_rate", "recompute"] = Field(
        description="The share of what was posted, the rates it was paid at, or what the curve now comes to."
    )
    attainment: Literal["original_period", "period_of_loss", "no"] = Field(
        description="In which period's position the lost credit is taken off, if in any."
    )
    schedule: Schedule | None = Field(
        None, description="`full`, or less with time: `pro rata over 12 months`, `full within 6 months`."
    )
    share: Part = Field(
        Fraction(1), description="How much of what is lost is taken back, such as `50%`; all if left out."
    )
    by: Literal["reason", "kind"] | None = Field(
        None, description="Instead of `schedule`: what of a loss decides how it is taken back, as `losses` says."
    )
    losses: tuple[Way, ...] = Field(
        (), description="With `by`: `[{for: fraud, schedule: full}, {for: any other, schedule: none}]`, say."
    )

    @property
    def ways(self) -> tuple[Way, ...]:
        """One for all losses, or those that `losses` has; every loss falls under one."""
        if self.losses or self.schedule is None:
            return self.losses
        return (Way.model_construct(at=self.at, of=(OTHER,), schedule=self.schedule, share=self.share),)

    def way_of(self, kind: str | None, reason: str | None) -> Way:
        """How a loss is taken back; what no entry names falls under `any other`."""
        asked = kind if self.by == "kind" else reason
        named = [way for way in self.ways if asked in way.of and asked != OTHER]
        return next(iter(named or [way for way in self.ways if OTHER in way.of]))

    @model_validator(mode="after")
    def _decides(self, info: ValidationInfo) -> Clawback:
        """Either one schedule, or one for every loss that there can be."""
        if self.by is None and self.losses:
            report(info, "MISSING_KEY", self.at, f"`by` is missing.{choices_of(type(self).model_fields['by'])}")
        elif self.by is None and self.schedule is None:
            wanted = choices_of(type(self).model_fields["schedule"])
            report(info, "MISSING_KEY", self.at, f"`schedule` is missing.{wanted}")
        elif self.by is not None:
            self._decides_each(info)
        return self

    def _decides_each(self, info: ValidationInfo) -> None:
        for word, said in (("schedule", self.schedule is not None), ("share", self.share != 1)):
            if said:
                message = f"`{word}` does nothing here: with `by` each entry of `losses` says its own. Remove it."
                report(info, "USELESS_KEY", self.at, message)
        named = Counter(name for way in self.losses for name in way.of)
        for way in self.losses:
            self._fits(info, way, named)
        if OTHER not in named and not self._all_kinds(named):
            reason = "a loss with another reason takes back, or one without a reason"
            what = reason if self.by == "reason" else "a loss of another kind takes back"
            message = f"nothing says what {what}. Add `{{for: any other, schedule: full}}` to `losses`, say, or "
            report(info, "LOSSES_UNDECIDED", self.at, f"{message}`schedule: none`.")

    def _all_kinds(self, named: Collection[str]) -> bool:
        return self.by == "kind" and set(named) >= KINDS_OF_LOSS

    def _fits(self, info: ValidationInfo, way: Way, named: Mapping[str, int]) -> None:
        for name in way.of:
            if named[name] > 1:
                report(info, "VALUE_TWICE", way.at, f"`{name}` stands twice in `losses`; leave it where it is meant.")
            if self.by == "kind" and name not in {*KINDS_OF_LOSS, OTHER}:
                message = f"`{name}` is no kind of a loss.{did_you_mean(name, sorted(KINDS_OF_LOSS))}"
                report(info, "NOT_A_CHOICE", way.at, message)
        if OTHER in way.of and self._all_kinds(named):
            message = "`any other` does nothing here: every kind is named. Remove it."
            report(info, "USELESS_KEY", way.at, message)
        if set(named) == {OTHER}:
            message = "`by` does nothing here: every loss is taken back alike. Write its `schedule` in place of `by`."
            report(info, "USELESS_KEY", way.at, message)
        if way.schedule == NOTHING and way.share != 1:
            report(info, "USELESS_KEY", way.at, "`share` does nothing here: nothing is taken back. Remove it.")


def _clawback_or_no(value: object) -> str:
    return "no" if isinstance(value, str) else "terms"


TakenBack = Annotated[
    Annotated[Clawback, Tag("terms")] | Annotated[Literal["no"], Tag("no")], Discriminator(_clawback_or_no)
]
