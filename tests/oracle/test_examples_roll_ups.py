"""What is passed up the manager line worked by hand, for the oracle and the core (C3, C4)."""

from __future__ import annotations

from typing import Any

from compsvc.core.plan import Plan

from .small import OWN, Case, plan
from .test_oracle_examples import FLAT, Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
SELLER = plan(OWN + component(f"counts: acv, from: own, per: year, {FLAT}"))
TEAM = f"counts: acv, from: team, own_deals: out, settle: as_earned, per: year, {FLAT}"
MANAGER = plan(component(TEAM), "manager")


def _specialist(name: str, word: str = "roll_up: yes", priority: int = 0) -> Plan:
    rule = f"to: role {name}, overlay: yes, priority: {priority}, {word}"
    return plan(f"credits:\n  helped: {{{rule}}}\n" + component(f"counts: acv, from: helped, per: year, {FLAT}"), name)


def _deal(case: Case, **roles: tuple[Any, ...]) -> Case:
    """1,000 sold by ann; each role's persons with their shares."""
    case.deal("d1", "2024-01-05", 1_000_00)
    for role, persons in roles.items():
        for position, (person, num, den) in enumerate(persons):
            case.add("deal_roles", source="crm", external_id="d1", role=role, position=position,
                     participant_id=person, share_num=num, share_den=den)  # fmt: skip
    return case


def _line() -> Case:
    """Ann under mia, eve and tom under lena; both managers under zoe."""
    case = Case().person("ann", manager_id="mia").person("eve", "engineer", manager_id="lena")
    case.person("tom", "engineer", manager_id="lena").person("zoe", "manager")
    return case.person("mia", "manager", manager_id="zoe").person("lena", "manager", manager_id="zoe")


def test_overlay_credit_rolls_up_once_per_manager(calculate: Calculation) -> None:
    # 10% of 1,000. Lena has eve's overlay; zoe, above both, has the deal once, through ann.
    case = _deal(_line(), engineer=(("eve", None, None),))
    book = calculate([SELLER, MANAGER, _specialist("engineer")], case.facts)
    assert book.amounts("d1") == {"ann": 100_00, "eve": 100_00, "lena": 100_00, "mia": 100_00, "zoe": 100_00}
    assert book.earned["zoe", "c", "2024"] == 100_00


def test_overlay_credit_stays_with_the_specialist_unless_the_rule_says_so(calculate: Calculation) -> None:
    case = _deal(_line(), engineer=(("eve", None, None),))
    book = calculate([SELLER, MANAGER, _specialist("engineer", "roll_up: no")], case.facts)
    assert book.amounts("d1") == {"ann": 100_00, "eve": 100_00, "mia": 100_00, "zoe": 100_00}


def test_persons_of_one_role_below_one_manager_are_passed_together(calculate: Calculation) -> None:
    # Eve has 60% and tom 40% of 1,000: lena is passed 600 + 400.
    case = _deal(_line(), engineer=(("eve", 3, 5), ("tom", 2, 5)))
    book = calculate([SELLER, MANAGER, _specialist("engineer")], case.facts)
    assert book.amounts("d1") == {
        "ann": 100_00,
        "eve": 60_00,
        "tom": 40_00,
        "lena": 100_00,
        "mia": 100_00,
        "zoe": 100_00,
    }


def test_of_two_overlay_rules_the_first_by_priority_is_passed(calculate: Calculation) -> None:
    # Eve helped with 60% of a role whose rule has priority 2, ida alone in one of priority 1: lena has ida's 1,000.
    case = _line().person("ida", "architect", manager_id="lena").person("kim", "engineer")
    _deal(case, engineer=(("eve", 3, 5), ("kim", 2, 5)), architect=(("ida", None, None),))
    plans = [SELLER, MANAGER, _specialist("engineer", priority=2), _specialist("architect", priority=1)]
    assert calculate(plans, case.facts).amounts("d1")["lena"] == 100_00
    plans = [SELLER, MANAGER, _specialist("engineer", priority=1), _specialist("architect", priority=2)]
    assert calculate(plans, case.facts).amounts("d1")["lena"] == 60_00


def test_levels_apply_after_it_is_known_through_whom_a_deal_comes(calculate: Calculation) -> None:
    # Zoe's direct reports only: eve reports to zoe, ann to mia. The deal reaches zoe through ann, two levels down, so
    # eve's overlay is none of zoe's either way.
    direct = plan(component(f"{TEAM}, levels: 1"), "manager")
    case = Case().person("ann", manager_id="mia").person("eve", "engineer", manager_id="zoe")
    case.person("mia", "manager", manager_id="zoe").person("zoe", "manager")
    book = calculate([SELLER, direct, _specialist("engineer")], _deal(case, engineer=(("eve", None, None),)).facts)
    assert book.amounts("d1") == {"ann": 100_00, "eve": 100_00, "mia": 100_00}
