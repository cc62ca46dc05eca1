"""The pay stage a second time, in plain integers: what becomes available, and when (T2, T5, T6, D1).

Written from the rules and from decisions/0001 alone; nothing of the core's pay stage is imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from .pay_months import Months, Move, PaidOut
from .rows import Subject, company_of
from .stated import OPENINGS, SOURCE_OF


def paid_out(plans: Sequence[Plan], facts: Facts, result: OracleResult, until: date) -> PaidOut:
    """What every pay period before `until` pays, and the balances after it."""
    stage = _Stage(list(plans), as_it_was(facts), until)
    for plan in {plan.plan for plan in plans}:
        own = [line for line in result.lines if line.plan == plan and line.payable_date is not None]
        stage.take(max((item for item in plans if item.plan == plan), key=lambda item: item.effective), own)
    stage.put_on_hold()
    Months(stage.plans, stage.facts, until, stage.left, stage.out).pay(stage.moves)
    return stage.out


CUTS = ("windfall", "cap", "plan_cap")


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
        bounded: dict[Any, list[tuple[Line, Move]]] = defaultdict(list)
        lost_of: dict[Any, list[Move]] = defaultdict(list)  # by contract: the pay that is lost
        opened: dict[Any, date] = {}  # of accounts: the first day on which a period opened with them
        paid: list[tuple[Line, list[Move]]] = []
        self.own_days = _own_days(lines)
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
                bounded[key].append((line, part))
                if line.subject is not None and line.subject[0] == "accounts":
                    opened[key] = min(_first_day(plan, line), opened.get(key, date.max))
        for key, parts in contracts.items():
            parts.sort(key=lambda part: (part.day, part.amount < 0))
            reserve: list[Move] = []
            moves = self.moves[key[0], plan.currency]
            known = len(moves)
            if plan.reserve is not None and key[2][0] != OPENINGS:
                start = opened.get(key) or parts[0].day
                reserve = self._hold(plan, key[0], self._layers(plan, *key[1:], start), _as_bounded(bounded[key]))
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
            day = self._base(line)
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
                    yield Move(max(line.payable_date, add_months(day, month)), so_far[1] - so_far[0])

    def _base(self, line: Line) -> date:
        """From when the days of its parts are counted; of what a loss takes, as of the pay that it takes."""
        assert line.payable_date is not None
        of_loss = line.loss is not None and line.subject is not None
        return (
            self.own_days.get((line.participant, line.component, line.subject), line.payable_date)
            if of_loss
            else line.payable_date
        )

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
                day = self._later(plan, item, max(self._base(line), row["payment_date"]))
                yield Move(max(line.payable_date, day), reached - paid)
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


def _own_days(lines: list[Line]) -> dict[Any, date]:
    """By participant, component and subject the first day on which its own pay may be due."""
    found: dict[Any, date] = {}
    for line in lines:
        if line.step == 0 and line.loss is None and line.subject and line.amount_minor and line.payable_date:
            key = line.participant, line.component, line.subject
            found[key] = min(line.payable_date, found.get(key, date.max))
    return found


def _as_bounded(parts: list[tuple[Line, Move]]) -> list[Move]:
    """What windfalls and caps cut of a day's pay, or of what a loss takes that day, is put into one sum with it."""
    together: dict[Any, list[tuple[Line, Move]]] = defaultdict(list)
    for line, part in parts:
        together[line.period, part.day, line.loss].append((line, part))
    found = []
    for (_, day, _), those in together.items():
        rest = [part for line, part in those if line.step_kind not in CUTS]
        cut = sum(part.amount for line, part in those if line.step_kind in CUTS)
        if not rest:
            found += [part for _, part in those]
            continue
        found += [Move(day, rest[0].amount + cut), *rest[1:]]
    return sorted((part for part in found if part.amount), key=lambda part: (part.day, part.amount < 0))
