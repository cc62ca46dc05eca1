"""What customers have changed of their deals, told revision by revision (L4): the deal as it was, and the losses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import polars as pl

from compsvc.core.facts import LINE, SCHEMAS, Facts

Row = dict[str, Any]
Told = dict[tuple[int, int], Row]  # by line and stage; stage 0 is the line itself
Deal = tuple[str, str]
MONEY = ("annual_value_minor", "one_time_value_minor")


def as_it_was(facts: Facts) -> Facts:
    """The facts without revisions: what a customer change took is added again, and is a loss of its day."""
    history = _history(facts)
    if not history:
        return facts
    rows = {kind: getattr(facts, kind).to_dicts() for kind in ("deals", "deal_lines", "stages", "losses")}
    for kind in ("deal_lines", "stages"):
        rows[kind] = [row for row in rows[kind] if (row["source"], row["external_id"]) not in history]
    for row in rows["deals"]:
        key = row["source"], row["external_id"]
        if key in history:
            _retell(row, history[key], rows)
    frames = {
        kind: pl.DataFrame(found, schema=getattr(facts, kind).schema, orient="row") for kind, found in rows.items()
    }
    return replace(facts, **frames, deal_revisions=facts.deal_revisions.clear())


def _history(facts: Facts) -> dict[Deal, dict[int, Told]]:
    """Of deals with earlier revisions what each revision told, the latest one too."""
    found: dict[Deal, dict[int, Told]] = defaultdict(lambda: defaultdict(dict))
    latest = {(row["source"], row["external_id"]): row for row in facts.deals.to_dicts()}
    for row in facts.deal_revisions.to_dicts():
        key = row["source"], row["external_id"]
        if row["revision"] < latest[key]["revision"]:
            found[key][row["revision"]][row["line"], row["stage"]] = row
    for key, row in latest.items():
        if key in found:
            found[key][row["revision"]] = _told_now(facts, key, row)
    return {key: dict(revisions) for key, revisions in found.items()}


def _told_now(facts: Facts, key: Deal, deal: Row) -> Told:
    own = {"cause": deal["cause"], "changed_date": deal["changed_date"], "change_evidence": deal["change_evidence"]}
    lines = [row for row in facts.deal_lines.to_dicts() if (row["source"], row["external_id"]) == key]
    told = {(row["line"], 0): {**row, **own} for row in lines} or {(1, 0): {**deal, "line": 1}}
    for row in facts.stages.to_dicts():
        if (row["source"], row["external_id"]) == key:
            told[row["line"], row["stage"]] = {**row, **own}
    return told


def _retell(deal: Row, revisions: dict[int, Told], rows: dict[str, list[Row]]) -> None:
    order = sorted(revisions)
    lost: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    last_seen: Told = {}
    for nth, number in enumerate(order):
        told = revisions[number]
        cause = next(iter(told.values()))
        if nth and _by_customer(told):
            later = [(_by_customer(revisions[each]), revisions[each]) for each in order[nth + 1 :]]
            _take(deal, number, revisions[order[nth - 1]], told, cause, later, lost, rows)
        last_seen |= told
    now = revisions[order[-1]]
    for place, row in sorted(last_seen.items()):
        taken = lost[place]
        untaken_option = place[1] > 0 and not row["committed"] and row["exercised_time"] is None
        if place not in now and not _given_up(place, order, revisions):
            if not place[1]:  # a correction has it no more, nor what was lost of it
                mine = deal["source"], deal["external_id"], place[0]
                rows["losses"] = [row for row in rows["losses"] if _of_change(row) != mine]
            continue
        _write(deal, place, row if place in now else _emptied(row), {} if untaken_option else taken, rows)
    deal.update(dict.fromkeys(LINE))


def _of_change(loss: Row) -> tuple[str, str, int] | None:
    stated = loss["reason"] != "customer_change" or not loss["loss_id"].startswith("revision ")
    return None if stated else (loss["source"], loss["external_id"], loss["line"])


def _by_customer(told: Told) -> bool:
    return bool(next(iter(told.values()))["cause"] == "customer_change")


def _given_up(place: tuple[int, int], order: list[int], revisions: dict[int, Told]) -> bool:
    last = max(place_of for place_of, number in enumerate(order) if place in revisions[number])
    return _by_customer(revisions[order[last + 1]])


def _take(
    deal: Row, number: int, old: Told, new: Told, cause: Row, later: list[tuple[bool, Told]],
    lost: dict[tuple[int, int], dict[str, int]], rows: dict[str, list[Row]],
) -> None:  # fmt: skip
    """`later`: what is told after it, and whether by the customer."""
    for place in {*old, *new, *(each for _, told in later for each in told)}:
        for name in (*MONEY, "quantity", "cost_minor"):
            had = old.get(place, {}).get(name)
            if had is not None or name in MONEY:
                values = [new.get(place, {}).get(name) or 0]
                values += [told.get(place, {}).get(name) or 0 for _, told in later]
                lost[place][name] += _gone(had or 0, values, [changed for changed, _ in later])
    for line in sorted({place[0] for place in old}):
        less = 0
        for size in (_level, _once):
            less += _gone(size(old, line), [size(told, line) for told in (new, *(told for _, told in later))],
                          [changed for changed, _ in later])  # fmt: skip
        if less > 0:
            loss = {
                "source": deal["source"],
                "external_id": deal["external_id"],
                "loss_id": f"revision {number}/{line}",
                "line": line,
                "loss_date": cause["changed_date"],
                "kind": "cancellation",
                "amount_minor": less,
                "currency_code": deal["currency_code"],
                "reason": "customer_change",
                "attributable_to": "customer",
                "evidence": cause["change_evidence"],
            }
            rows["losses"].append({**dict.fromkeys(SCHEMAS["losses"]), **loss})


def _gone(had: int, told: list[int], changed: list[bool]) -> int:
    """Of a value the part that a change took for good. `told`: the change's own value, then each later one; `changed`
    says of each later one whether the customer changed it."""
    sign = 1 if told[0] < had else -1
    if any(sign * value >= sign * had for value in told):
        return 0  # it is back: the change never was true
    left = told[-1]  # now, or when the next change came that was true
    for nth, by_customer in enumerate(changed, 1):
        before, rest = told[nth - 1], told[nth:]
        if by_customer and (max(rest) < before or min(rest) > before):
            left = before
            break
    return sign * min(sign * (had - told[0]), sign * (had - left))


def _level(told: Told, line: int) -> int:
    """The last committed level, or the annual value."""
    if (line, 0) not in told:
        return 0
    stages = [row for place, row in sorted(told.items()) if place[0] == line and place[1] > 0]
    levels = [row["annual_value_minor"] for row in stages if row["committed"]]
    return (levels or [0])[-1] if stages else told[line, 0]["annual_value_minor"] or 0


def _once(told: Told, line: int) -> int:
    return told.get((line, 0), {}).get("one_time_value_minor") or 0


def _emptied(row: Row) -> Row:
    return {**row, **{name: 0 for name in (*MONEY, "quantity", "cost_minor") if name in row}}


def _write(deal: Row, place: tuple[int, int], row: Row, taken: dict[str, int], rows: dict[str, list[Row]]) -> None:
    kind = "stages" if place[1] else "deal_lines"
    own = {name: row.get(name) for name in SCHEMAS[kind]}
    own |= {name: (own[name] or 0) + amount for name, amount in taken.items() if amount and name in own}
    own |= {"source": deal["source"], "external_id": deal["external_id"], "line": place[0]}
    rows[kind].append({**own, "stage": place[1]} if place[1] else own)
