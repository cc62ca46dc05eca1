"""Who may do what. One table; what is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from compsvc.service.ports import Caller, PermissionDenied, Role

OFFICE: frozenset[Role] = frozenset({"admin", "finance"})
READERS: frozenset[Role] = OFFICE | {"payroll"}
EVERYONE: frozenset[Role] = READERS | {"manager", "rep"}

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "create_plan": OFFICE,
    "check_plan": EVERYONE,  # reads nothing of ours
    "read_plans": EVERYONE,  # whoever is paid by a plan may read it
    "load_facts": OFFICE,
    "read_facts": READERS,
    "erase_name": frozenset({"admin"}),
    "ingest_deals": OFFICE,
    "read_deals": READERS,
    "read_payouts": READERS,
    "create_run": READERS,  # computes, and books nothing
    "approve_run": OFFICE,  # by another than who created it: payroll_runs.py
    "seal_run": OFFICE,
    "issue_statements": READERS,  # of what is sealed
    "acknowledge_payouts": frozenset({"admin", "payroll"}),
    "change_pay_period": OFFICE,
    "read_ledger": READERS,
    "open_dispute": frozenset({"manager", "rep"}),  # about their own pay, and nobody for them: disputes.py
    "acknowledge_statement": frozenset({"manager", "rep"}),  # their own
    "send_letter": OFFICE,
    "acknowledge_proposal": frozenset({"manager", "rep"}),  # that takes something back from themselves
    "answer_letter": frozenset({"manager", "rep"}),  # their own
    "read_letters": EVERYONE,
    "check_close": READERS,
    "sign_off_finding": OFFICE,
    "state_control_totals": OFFICE,
    "answer_dispute": OFFICE,  # by another than whose it is
    "read_disputes": EVERYONE,  # a rep their own, a manager also their line's
    "write_adjustment": OFFICE,
    "book_openings": OFFICE,
    "decide_adjustment": OFFICE,  # by another than its author: payroll_adjustments.py
    "hold_pay": OFFICE,
    "decide_hold": OFFICE,  # by another than who has put it on hold: payroll_holds.py
    "simulate_plan": OFFICE,  # shows what everyone would earn
    "read_statements": EVERYONE,  # a rep their own, a manager also their line's: statements.py says whose
    "preview_statements": EVERYONE,  # as above, and only about deals that stand on them
}


def require(caller: Caller, verb: str) -> None:
    """Comes before everything else: who may not do a thing learns nothing about what exists."""
    if caller.role not in PERMISSIONS[verb]:
        allowed = ", ".join(sorted(PERMISSIONS[verb]))
        message = f"The role {caller.role} may not {verb.replace('_', ' ')}. Roles that may: {allowed}."
        raise PermissionDenied("ROLE_NOT_PERMITTED", message, role=caller.role, verb=verb)
