"""The pay stage a second time: one participant, one month after the other, in plain integers (T2 to T6, D1).

Written from the rules and from decisions/0001 alone; nothing of the core's pay stage is imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import Instalment

from .calculate import OracleResult
from .calendar_rules import add_months, named_period, period_of, periods_between
from .changes import as_it_was
from .exact import rounded
from .lists import Line
from .losses import pieces_of_stages
from .rows import Subject, company_of
from .stated import OPENINGS, SOURCE_OF

Key = tuple[str, str, date]  # participant, currency, first day of the month


@dataclass
class PaidOut:
    payouts: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    draw: dict[Key, int] = field(default_factory=dict)
    negative: dict[Key, int] = field(default_factory=dict)
    forgiven: dict[Key, int] = field(default_factory=dict)
    top_up: dict[Key, int] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # at the end
    forfeited: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    advanced: dict[Key, int] = field(default_factory=lambda: defaultdict(int))  # at the end of each month


@dataclass
class Move:
    day: date
    amount: int


def paid_out(plans: Sequence[Plan], facts: Facts, result: OracleResult, until: date) -> PaidOut:
    """What every pay period before `until` pays, and the balances after it."""
    stage = _Stage(list(plans), as_it_was(facts), until)
    for plan in {plan.plan for plan in plans}:
        own = [line for line in result.lines if line.plan == plan and line.payable_date is not None]
        stage.take(max((item for item in plans if item.plan == plan), key=lambda item: item.effective), own)
    stage.put_on_hold()
    stage.pay()
    return stage.out


class _Stage:
    def __init__(self, plans: list[Plan], facts: Facts, until: date) -> None:
        self.plans, self.facts, self.until = plans, facts, until
        self.out = PaidOut()
        self.moves: dict[tuple[str, str], list[Move]] = defaultdict(list)
        self.deals = {(row["source"], row["external_id"]): row for row in facts.deals.to_dicts()}
        self.activities = {(row["source"], row["external_id"]): row for row in facts.activities.to_dicts()}
        self.stated = {(SOURCE_OF[row["kind"]], row["credit_id"]): row for row in facts.stated_credits.to_dicts()}
        company = company_of(facts)
        self.sold = {(*deal.key, line.number): line for deal in company.deals for line in deal.lines}
        self.sizes = {deal.key: deal.size for deal in [*company.deals, *company.pending]}
        self.left = _left(facts)
        self.of_deals: dict[tuple[str, str, str, str, str, str], list[Move]] = defaultdict(list)

    # --- what becomes available, and when

    def take(self, plan: Plan, lines: list[Line]) -> None:
        contracts: dict[Any, list[Move]] = defaultdict(list)
        lost_of: dict[Any, list[Move]] = defaultdict(list)  # by contract: the pay that is lost
        opened: dict[Any, date] = {}  # of accounts: the first day on which a period opened with them
        paid: list[tuple[Line, list[Move]]] = []
        for line in lines:
            account = line.participant, plan.currency
            paid.append((line, []))
            key = line.participant, line.component, line.subject or line.period  # with what bounds its own lines
            for whole in self._parts(plan, line):
                lost = self._lost(plan, line, whole)
                if whole.day < self.until:
                    self.out.forfeited[account] += lost
                if lost > 0:
                    lost_of[key].append(Move(whole.day, lost))
                part = Move(whole.day, whole.amount - lost)
                if lost and not part.amount:
                    continue
                self.moves[account].append(part)
                paid[-1][1].append(part)
                contracts[key].append(part)
                if line.subject is not None and line.subject[0] == "accounts":
                    opened[key] = min(_first_day(plan, line), opened.get(key, date.max))
        for key, parts in contracts.items():
            parts.sort(key=lambda part: (part.day, part.amount < 0))
            reserve: list[Move] = []
            moves = self.moves[key[0], plan.currency]
            known = len(moves)
            if plan.reserve is not None and key[2][0] != OPENINGS:
                start = opened.get(key) or parts[0].day
                reserve = self._hold(plan, key[0], self._layers(plan, *key[1:], start), parts)
            if isinstance(key[2], tuple) and key[2][2] is not None and key[2][0] != "accounts":
                deal = key[0], plan.currency, plan.plan, key[1], *key[2][:2]
                self.of_deals[deal] += [*parts, *moves[known:]]
            if isinstance(key[2], tuple) and key[2][2] is not None:
                self._keep_what_was_not_paid((key[0], plan.currency), parts, lost_of[key], reserve)
        for line, moves in paid:
            self._advance(plan, line, [move for move in moves if move.amount])

    def _keep_what_was_not_paid(
        self, account: tuple[str, str], parts: list[Move], pay: list[Move], reserve: list[Move]
    ) -> None:
        """What a leaver lost of a contract is not taken back from them. By each day as much is waived in all as the
        contract has lacked at most, but no more than they have lost of it by then."""
        events = [(part.day, part.amount < 0, part.amount, 0, part) for part in parts]
        events += [(lost.day, False, 0, lost.amount, lost) for lost in pay]
        events += [(lost.day, False, -lost.amount, lost.amount, lost) for lost in reserve]
        events.sort(key=lambda event: event[:2])
        stands = [sum(event[2] for event in events[:number]) for number in range(len(events) + 1)]
        lost = [sum(event[3] for event in events[:number]) for number in range(len(events) + 1)]
        waived = [min(-min(stands[: number + 1]), lost[number]) for number in range(len(events) + 1)]
        for number, (day, takes_back, _, _, part) in enumerate(events):
            if takes_back:
                part.amount += waived[number + 1] - waived[number]
                self.out.forfeited[account] -= waived[number + 1] - waived[number] if day < self.until else 0

    def _advance(self, plan: Plan, line: Line, paid: list[Move]) -> None:
        """At the end of every month, what of the line is paid and not earned yet (J1)."""
        earned = list(self._parts(plan, line, (Instalment.model_construct(share=Fraction(1), on=plan.earned.on),)))
        if not paid:
            return
        month = min(part.day for part in paid).replace(day=1)
        while month < self.until:
            end = add_months(month, 1)
            ahead = sum(part.amount for part in paid if part.day < end)
            ahead -= sum(part.amount for part in earned if part.day < end)
            ahead = max(ahead, 0) if line.amount_minor > 0 else min(ahead, 0)
            if ahead:
                self.out.advanced[line.participant, plan.currency, month] += ahead
            month = end

    def _parts(self, plan: Plan, line: Line, parts: Sequence[Instalment] | None = None) -> Iterator[Move]:
        """Each part is a difference of rounded running shares."""
        assert line.payable_date is not None
        before = Fraction(0)
        for item in parts or plan.instalments:
            after = before + item.share
            amount = rounded(line.amount_minor * after, plan.rounding) - rounded(
                line.amount_minor * before, plan.rounding
            )
            before = after
            day = line.payable_date
            if item.on == "closed" and _of_deal(line):
                day = max(day, self._closed(line))
            day = self._later(plan, item, day)
            if item.on in ("invoiced", "paid") and _of_deal(line):
                yield from self._in_cash(plan, item, line, amount)
                continue
            count = item.over or 1
            for month in range(count):
                so_far = [rounded(Fraction(amount * number, count), plan.rounding) for number in (month, month + 1)]
                if so_far[1] != so_far[0]:
                    yield Move(add_months(day, month), so_far[1] - so_far[0])

    def _in_cash(self, plan: Plan, item: Instalment, line: Line, amount: int) -> Iterator[Move]:
        """As much of the part as the customer has come to, from nothing to all of it."""
        assert line.subject is not None
        assert line.payable_date is not None
        key = line.subject[:2]
        rows = [row for row in self.facts.deal_payments.to_dicts() if (row["source"], row["external_id"]) == key]
        reached = paid = 0
        total = Fraction(0)
        for row in sorted(rows, key=lambda row: (row["payment_date"], row["payment_id"])):
            if row["kind"] != item.on:
                continue
            if row["share_num"] is not None:
                total += Fraction(row["share_num"], row["share_den"])
            elif row["currency_code"] == self.deals[key]["currency_code"] and self.sizes.get(key, 0) > 0:
                total += Fraction(row["amount_minor"], self.sizes[key])
            reached = rounded(amount * min(max(total, Fraction(0)), Fraction(1)), plan.rounding)
            if reached != paid:
                yield Move(self._later(plan, item, max(line.payable_date, row["payment_date"])), reached - paid)
            paid = reached

    def _later(self, plan: Plan, item: Instalment, day: date) -> date:
        if item.after is not None:
            days = item.after.unit == "day"
            day = day + timedelta(days=item.after.number) if days else add_months(day, item.after.number)
        if item.held_until is not None:
            per = item.held_until.removesuffix(" end")
            day = period_of(day, per, plan.fiscal_year_starts).end - timedelta(days=1)
        return day

    def _closed(self, line: Line) -> date:
        """Of an option that was taken: the day on which it was."""
        assert line.subject is not None
        source, external_id, _, stage = line.subject
        if stage and not self._stage(line)["committed"]:
            taken: date = self._stage(line)["exercised_time"].date()
            return taken
        closed: date = self.deals[source, external_id]["closed_date"]
        return closed

    def _stage(self, line: Line) -> dict[str, Any]:
        rows = self.facts.stages.to_dicts()
        return next(r for r in rows if (r["source"], r["external_id"], r["line"], r["stage"]) == line.subject)

    # --- holds of finance

    def put_on_hold(self) -> None:
        """Of a deal that is on hold nothing is paid: what adds up of it since then waits, as long as that is above
        nothing, and comes on the first day of the pay period that it is released for."""
        holds = [hold for hold in self.facts.holds.to_dicts() if hold["origin"] == "deal"]
        for deal, moves in self.of_deals.items():
            own = [hold for hold in holds if _is_of(hold, deal)]
            for hold in own:
                inside = [move for move in moves if _keeper(own, move.day) is hold]
                waits = 0
                for day in sorted({move.day for move in inside}):
                    now = max(sum(move.amount for move in inside if move.day <= day), 0)
                    self.moves[deal[:2]].append(Move(day, waits - now))
                    waits = now
                self.moves[deal[:2]].append(Move(_end(hold), waits))

    # --- reserve (T2, L3)

    def _layers(self, plan: Plan, name: str, place: Any, start: date) -> list[tuple[date, int]]:
        """From when on what of the contract is liable: each stage of a ramp for what it adds, else all of it."""
        if not isinstance(place, tuple) or place[0] == "accounts":
            return [(start, 1)]
        line = self.sold.get((place[0], place[1], place[2]))
        stages = pieces_of_stages(plan.components[name], line) if line is not None and place[3] == 0 else []
        return stages or [(self._starts(place), 1)]

    def _hold(self, plan: Plan, who: str, layers: list[tuple[date, int]], parts: list[Move]) -> list[Move]:
        """What of the reserve is lost."""
        assert plan.reserve is not None
        ends, lost_after = date.max, date.max
        if plan.leaver is not None and who in self.left:
            if plan.leaver.reserve == "pay out":
                ends = self.left[who]
            if plan.leaver.reserve == "forfeit":
                lost_after = self.left[who]
        free = [min(add_months(start, plan.reserve.months), ends) for start, _ in layers]
        held, paid = [0 for _ in layers], 0
        for part in parts:
            open_ = [number for number in range(len(layers)) if part.day < free[number]]
            if not open_:
                continue
            before = list(held)
            if part.amount > 0:
                share = rounded((paid + part.amount) * plan.reserve.share, plan.rounding) - rounded(
                    paid * plan.reserve.share, plan.rounding
                )
                paid += part.amount
                for number in open_:
                    held[number] += self._piece(plan, share, [weight for _, weight in layers], number)
            else:
                lack = -part.amount
                for number in reversed(open_):
                    taken = min(held[number], lack)
                    held[number] -= taken
                    lack -= taken
            self._moved(plan, who, part.day, sum(held) - sum(before))
        for day, amount in zip(free, held, strict=True):
            self._free(plan, who, day, amount, lost=day > lost_after)
        return [Move(day, amount) for day, amount in zip(free, held, strict=True) if day > lost_after]

    def _piece(self, plan: Plan, amount: int, weights: list[int], number: int) -> int:
        """Of an amount what falls on one of the weights: differences of rounded running shares."""
        up_to = [Fraction(sum(weights[:end]), sum(weights)) for end in (number, number + 1)]
        return rounded(amount * up_to[1], plan.rounding) - rounded(amount * up_to[0], plan.rounding)

    def _moved(self, plan: Plan, who: str, day: date, moved: int) -> None:
        account = who, plan.currency
        self.moves[account].append(Move(day, -moved))
        self.out.held[account] += moved if day < self.until else 0

    def _free(self, plan: Plan, who: str, day: date, amount: int, *, lost: bool) -> None:
        account = who, plan.currency
        if day < self.until:
            self.out.held[account] -= amount
            self.out.forfeited[account] += amount if lost else 0
        if not lost:
            self.moves[account].append(Move(day, amount))

    def _starts(self, subject: Subject) -> date:
        source, external_id, number, stage = subject
        if (credit := self.stated.get((source, external_id))) is not None:
            stated: date = credit["credit_date"]
            return stated
        if number is None:
            done: date = self.activities[source, external_id]["activity_date"]
            return done
        same = [
            row
            for row in self.facts.stages.to_dicts()
            if (row["source"], row["external_id"], row["line"]) == (source, external_id, number)
        ]
        if stage:
            return next(row["start_date"] or row["exercised_time"].date() for row in same if row["stage"] == stage)
        committed = [row["start_date"] for row in same if row["committed"]]
        lines = [
            row
            for row in self.facts.deal_lines.to_dicts()
            if (row["source"], row["external_id"], row["line"]) == (source, external_id, number)
        ]
        deal = self.deals[source, external_id]
        own = (lines or [deal])[0]["start_date"]
        return min(committed) if committed else own or deal["closed_date"]

    # --- leavers (T6)

    def _lost(self, plan: Plan, line: Line, part: Move) -> int:
        """Of one part; what a period pays by itself is for its days, or for nothing, where its end was not reached."""
        last = self.left.get(line.participant)
        by_itself = line.subject is None and part.amount > 0
        if plan.leaver is None or last is None or not by_itself:
            return part.amount if self._forfeited(plan, line, part) else 0
        period = named_period(line.period, plan.fiscal_year_starts)
        if last >= period.end - timedelta(days=1) or plan.leaver.period_bonus == "full":
            return 0
        if plan.leaver.period_bonus == "forfeit":
            return part.amount
        there = max((last - period.start).days + 1, 0)
        share = Fraction(there, (period.end - period.start).days)
        return part.amount - rounded(part.amount * share, plan.rounding)

    def _forfeited(self, plan: Plan, line: Line, part: Move) -> bool:
        if plan.leaver is None or line.participant not in self.left:
            return False
        last, leaver = self.left[line.participant], plan.leaver
        if part.amount < 0:
            return leaver.later_clawback == "none" and part.day > last
        if not _of_deal(line):
            return False
        accepted = self._accepted(line)
        if accepted > last + timedelta(days=leaver.pending_accepted_within):
            return True
        return leaver.accepted_unpaid == "forfeit" and accepted <= last and part.day > last

    def _accepted(self, line: Line) -> date:
        assert line.subject is not None
        source, external_id, _, stage = line.subject
        found: date = self.deals[source, external_id]["accepted_time"].date()
        if stage and self._stage(line)["committed"]:
            return max(found, self._stage(line)["start_date"])
        return self._closed(line) if stage else found

    # --- one month after the other (T3, T4)

    def pay(self) -> None:
        available: dict[Key, int] = defaultdict(int)
        for (who, money), moves in self.moves.items():
            for move in moves:
                if move.day < self.until:
                    available[who, money, move.day.replace(day=1)] += move.amount
        keeping = [plan for plan in self.plans if plan.negative or plan.draw or plan.guarantee]
        kept: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self.facts.assignments.to_dicts():
            own = [plan for plan in keeping if plan.plan == row["plan"]]
            if own:
                kept[row["participant_id"], own[0].currency].append(row)
        for account, rows in kept.items():
            self._account(account, rows, keeping, available)
        for (who, money, month), amount in available.items():
            self.out.payouts[who, money, month] += amount

    def _account(
        self, account: tuple[str, str], rows: list[dict[str, Any]], plans: list[Plan], available: dict[Key, int]
    ) -> None:
        month = min(row["start_date"] for row in rows).replace(day=1)
        draw = negative = 0
        since: dict[str, date] = {}
        while month < self.until:
            key = *account, month
            a = available.pop(key, 0)
            words = _words(rows, plans, month, self.left.get(account[0]))
            positive = max(a, 0)
            limit = positive * words.recover.numerator // words.recover.denominator
            limit = min(limit, max(0, positive - words.never))
            own = positive * words.draw_recover.numerator // words.draw_recover.denominator
            takes = {"draw": min(draw, own) if words.recovers_draw else 0, "negative": negative}
            first = "negative"
            if words.order == "draw first" or (
                words.order == "oldest first"
                and {"draw", "negative"} <= set(since)
                and since["draw"] < since["negative"]
            ):
                first = "draw"
            second = {"draw": "negative", "negative": "draw"}[first]
            taken = {first: min(takes[first], limit)}
            taken[second] = min(takes[second], limit - taken[first])
            top_up = max(0, (words.floor if a >= 0 else words.floor_below_zero) - positive)
            if words.recoverable and words.owes_at_most is not None:
                top_up = min(top_up, max(0, words.owes_at_most - (draw - taken["draw"])))
            self.out.payouts[key] += positive - taken["draw"] - taken["negative"] + top_up
            self.out.top_up[key] = top_up
            draw += (top_up if words.recoverable else 0) - taken["draw"]
            lack = max(-a, 0)
            negative += (lack if words.carries else 0) - taken["negative"]
            forgiven = 0 if words.carries else lack
            if words.forgives_draw:
                forgiven, draw = forgiven + draw, 0
            if words.forgives_negative:
                forgiven, negative = forgiven + negative, 0
            for name, balance in (("draw", draw), ("negative", negative)):
                if balance:
                    since.setdefault(name, month)
                else:
                    since.pop(name, None)
            self.out.draw[key], self.out.negative[key], self.out.forgiven[key] = draw, negative, forgiven
            month = add_months(month, 1)


def _first_day(plan: Plan, line: Line) -> date:
    per, year = plan.components[line.component].per, int(line.period[:4])
    around = periods_between(date(year - 1, 1, 1), date(year, 12, 31), per, plan.fiscal_year_starts)
    return next(period.start for period in around if period.name == line.period)


def _is_of(hold: dict[str, Any], deal: tuple[Any, ...]) -> bool:
    named = (hold["participant_id"], None, hold["plan"], hold["component"], hold["source"], hold["external_id"])
    return all(name in (None, own) for name, own in zip(named, deal, strict=True))


def _keeper(holds: list[dict[str, Any]], day: date) -> dict[str, Any] | None:
    """Of those that stand on a day the one that ends last: money waits once."""
    stand = [hold for hold in holds if hold["held_date"] <= day < _end(hold)]
    return max(stand, key=lambda hold: (_end(hold), hold["hold_id"]), default=None)


def _end(hold: dict[str, Any]) -> date:
    return hold["free_date"] or date.max


def _of_deal(line: Line) -> bool:
    """Not of an activity, and not of the period."""
    return line.subject is not None and line.subject[2] is not None


@dataclass
class _Words:
    carries: bool
    recover: Fraction
    never: int
    order: str
    draw_recover: Fraction
    recovers_draw: bool
    floor: int
    floor_below_zero: int
    recoverable: bool
    owes_at_most: int | None
    forgives_draw: bool
    forgives_negative: bool


def _words(rows: list[dict[str, Any]], plans: list[Plan], month: date, left: date | None) -> _Words:
    """Of the assignment that is in force in the month and began last; of the last one where none is."""
    following = add_months(month, 1)
    begun = [row for row in rows if row["start_date"] < following]
    gone = _gone(rows, left)

    def ends(row: dict[str, Any]) -> date:
        end: date = min(row["end_date"] or date.max, gone or date.max)
        return end

    def days(row: dict[str, Any], end: date) -> int:
        return max((min(end, following) - max(row["start_date"], month)).days, 0)

    in_force = [row for row in begun if days(row, ends(row))]
    row = max(in_force or begun, key=lambda row: (row["start_date"], row["plan"]))
    plan = _revision(plans, row["plan"], following)
    whole = (following - month).days
    draws = draws_below_zero = guarantees = 0
    for each in begun:
        its = _revision(plans, each["plan"], following)
        since = _since(rows, each)
        number = (month.year - since.year) * 12 + month.month - since.month + 1
        if its.draw is not None and not (its.draw.periods is not None and number > its.draw.periods):
            covered = days(each, min(ends(each), its.draw.until or date.max))
            draw_of_month = rounded(Fraction(its.draw.amount_minor * covered, whole), its.rounding)
            draws += draw_of_month
            draws_below_zero += 0 if its.draw.below_zero == "nothing" else draw_of_month
        if its.guarantee is not None:
            covered = days(each, min(ends(each), add_months(since, its.guarantee.months)))
            guarantees += rounded(Fraction(its.guarantee.amount_minor * covered, whole), its.rounding)
    since = _since(rows, row)
    number = (month.year - since.year) * 12 + month.month - since.month + 1
    negative, draw, leaver = plan.negative, plan.draw, plan.leaver
    never = negative.never_below if negative else 0
    never = (draw.amount_minor if draw else 0) if never == "draw" else never or 0
    over = gone is not None and gone < following
    return _Words(
        carries=negative is None or negative.carry,
        recover=(negative.recover_at_most if negative else None) or Fraction(1),
        never=int(never),
        order=(negative.order if negative else None) or "oldest first",
        draw_recover=(draw.recover_at_most if draw else None) or Fraction(1),
        recovers_draw=number >= ((draw.recovery_from if draw else None) or 1),
        floor=guarantees or draws,
        floor_below_zero=guarantees or draws_below_zero,
        recoverable=bool(draw and draw.recoverable) and not guarantees,
        owes_at_most=draw.owes_at_most_minor if draw else None,
        forgives_draw=bool(leaver and leaver.draw == "forgive") and over,
        forgives_negative=bool(leaver and leaver.negative == "forgive") and over,
    )


def _revision(plans: list[Plan], name: str, before: date) -> Plan:
    own = sorted((plan for plan in plans if plan.plan == name), key=lambda plan: plan.effective)
    return ([plan for plan in own if plan.effective < before] or own[:1])[-1]


def _since(rows: list[dict[str, Any]], row: dict[str, Any]) -> date:
    """The first day of the assignments to the same plan that this one goes on from without a gap."""
    since: date = row["start_date"]
    for other in sorted((r for r in rows if r["plan"] == row["plan"]), key=lambda r: r["start_date"], reverse=True):
        if other["start_date"] < since and other["end_date"] is not None and other["end_date"] >= since:
            since = other["start_date"]
    return since


def _gone(rows: list[dict[str, Any]], left: date | None) -> date | None:
    return None if left is None else left + timedelta(days=1)


def _left(facts: Facts) -> dict[str, date]:
    """The last day of everybody who has left and has not come back under another assignment."""
    found: dict[str, date] = {}
    for row in facts.exits.to_dicts():
        if not row["withdrawn"]:
            found[row["participant_id"]] = max(row["last_date"], found.get(row["participant_id"], date.min))
    began: dict[str, date] = {}
    for row in facts.assignments.to_dicts():
        began[row["participant_id"]] = max(row["start_date"], began.get(row["participant_id"], date.min))
    return {who: last for who, last in found.items() if began.get(who, date.min) <= last}
