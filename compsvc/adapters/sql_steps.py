"""The tables of a book, as steps from each version to the next.

The steps are written for SQLite, which keeps dates as text; what PostgreSQL calls otherwise, postgres_schema.py puts in
its own words. A step that was released is never edited.
"""

from __future__ import annotations

from compsvc.adapters.sql_first_steps import FIRST_STEPS, Step

_PAY_CURRENCIES = """
ALTER TABLE assignments ADD COLUMN pay_currency_code TEXT;
ALTER TABLE sealed_payouts ADD COLUMN pay_currency_code TEXT;
ALTER TABLE sealed_payouts ADD COLUMN pay_amount_minor INTEGER;
ALTER TABLE sealed_payouts ADD COLUMN fx_table TEXT;
ALTER TABLE sealed_payouts ADD COLUMN fx_date TEXT;
ALTER TABLE sealed_payouts ADD COLUMN fx_start_date TEXT;
ALTER TABLE sealed_payouts ADD COLUMN fx_rate_num INTEGER;
ALTER TABLE sealed_payouts ADD COLUMN fx_rate_den INTEGER;
"""

_PAYEES = "ALTER TABLE assignments ADD COLUMN payee_class TEXT;"

_KEPT_TERMS = """
ALTER TABLE adjustment_parts ADD COLUMN terms_position INTEGER;

CREATE TABLE superseded_proposals (
  adjustment_id TEXT PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests
) STRICT;
"""

_FIXED_ACTIVITIES = """
CREATE TABLE every_fixed_event (
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, component TEXT NOT NULL, period TEXT NOT NULL,
  place INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  source TEXT NOT NULL, external_id TEXT NOT NULL, line INTEGER, stage INTEGER,
  loss_id TEXT, counts INTEGER NOT NULL, pays INTEGER NOT NULL,
  PRIMARY KEY (participant_id, plan, component, period, place)
) STRICT;

INSERT INTO every_fixed_event (participant_id, plan, component, period, place, request, source, external_id, line,
  stage, loss_id, counts, pays)
SELECT participant_id, plan, component, period, place, request, source, external_id, line, stage, loss_id, counts, pays
FROM fixed_events;

DROP TABLE fixed_events;

ALTER TABLE every_fixed_event RENAME TO fixed_events;
"""

_PAID_BEFORE = """
CREATE TABLE paid_before (
  participant_id TEXT NOT NULL, source TEXT NOT NULL, external_id TEXT NOT NULL, component TEXT NOT NULL,
  currency_code TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests, amount_minor INTEGER NOT NULL,
  PRIMARY KEY (participant_id, source, external_id, component, currency_code)
) STRICT;
"""

_CHAIN = """
CREATE TABLE chain_links (
  request INTEGER NOT NULL REFERENCES requests, table_name TEXT NOT NULL,
  rows_hash TEXT NOT NULL, row_marks BLOB NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (request, table_name)
) STRICT, WITHOUT ROWID;
"""
CHAINED = 14  # the version from which on a book has links; a later step that rewrites rows has to link them anew

_PAY_LABELS = "".join(
    f"ALTER TABLE {table} ADD COLUMN {column} TEXT;\n"
    for table, columns in (
        ("participants", ("personnel_number", "pay_group")),
        ("assignments", ("legal_entity", "cost_centre")),
        (
            "sealed_payouts",
            (
                *("personnel_number", "legal_entity", "pay_group", "pay_date", "earnings_code", "cost_centre"),
                *("gl_account", "payee_class"),
            ),
        ),
    )
    for column in columns
)

_PAY_OF_ONE = """
CREATE INDEX ledger_entries_of ON ledger_entries (participant_id);
CREATE INDEX sealed_payouts_of ON sealed_payouts (participant_id);
"""

_ACCOUNT_ATTRIBUTES = """
CREATE TABLE account_attributes (
  account_id TEXT NOT NULL, attribute TEXT NOT NULL, start_date TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  value TEXT,
  PRIMARY KEY (account_id, attribute, start_date, request)
) STRICT, WITHOUT ROWID;
"""

_TOLD_PROPOSALS = """
ALTER TABLE adjustments ADD COLUMN decision_code TEXT NOT NULL DEFAULT '';

CREATE TABLE proposal_acknowledgements (
  adjustment_id TEXT PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests
) STRICT;
"""

_CAUSES = """
ALTER TABLE deals ADD COLUMN cause TEXT;
ALTER TABLE deals ADD COLUMN changed_date TEXT;
ALTER TABLE deals ADD COLUMN change_evidence TEXT;
CREATE INDEX deals_that_customers_changed ON deals (source, external_id) WHERE cause = 'customer_change';
"""

_HOLDS = """
CREATE TABLE holds (
  hold_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  state TEXT NOT NULL CHECK (state IN ('held', 'released', 'refused')),
  origin TEXT NOT NULL CHECK (origin IN ('deal', 'review')),
  source TEXT NOT NULL, external_id TEXT NOT NULL, participant_id TEXT NOT NULL, plan TEXT NOT NULL,
  component TEXT NOT NULL, pay_period TEXT NOT NULL, reason_code TEXT NOT NULL, reason TEXT NOT NULL,
  author TEXT NOT NULL, released_period TEXT NOT NULL, decider TEXT NOT NULL, decision_reason TEXT NOT NULL,
  ledger_position INTEGER NOT NULL,
  PRIMARY KEY (hold_id, request),
  UNIQUE (hold_id, state)
) STRICT;
"""

_CONTROL_TOTALS = """
CREATE TABLE control_totals (
  source TEXT NOT NULL, basis TEXT NOT NULL CHECK (basis IN ('closed', 'accepted')),
  start_date TEXT NOT NULL, end_date TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  currency_code TEXT NOT NULL, deal_count INTEGER NOT NULL, amount_minor INTEGER NOT NULL, author TEXT NOT NULL,
  PRIMARY KEY (source, basis, start_date, end_date, request, currency_code)
) STRICT;
"""

_STATED_CREDITS = """
CREATE TABLE stated_credits (
  kind TEXT NOT NULL CHECK (kind IN ('opening', 'adjustment')), credit_id TEXT NOT NULL,
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, component TEXT NOT NULL, currency_code TEXT NOT NULL,
  credit_date TEXT NOT NULL, amount_minor INTEGER, count_millionths INTEGER,
  counts INTEGER NOT NULL CHECK (counts IN (0, 1)), pays INTEGER NOT NULL CHECK (pays IN (0, 1)),
  source TEXT, external_id TEXT, line INTEGER, taken_back INTEGER NOT NULL CHECK (taken_back IN (0, 1)),
  reason TEXT, request INTEGER NOT NULL REFERENCES requests,
  PRIMARY KEY (kind, credit_id)
) STRICT;
"""

_ISSUED_STATEMENTS = """
CREATE TABLE issued_statements (
  run_id TEXT NOT NULL, participant_id TEXT NOT NULL, period TEXT NOT NULL, as_of_time TEXT NOT NULL,
  statement_hash TEXT NOT NULL, content TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  PRIMARY KEY (run_id, participant_id)
) STRICT;
CREATE INDEX issued_statements_of ON issued_statements (participant_id, period);
"""

_ERASED_NAMES = """
CREATE TABLE erased_names (
  participant_id TEXT NOT NULL, of_request INTEGER NOT NULL REFERENCES requests, named_hash TEXT NOT NULL,
  left_hash TEXT NOT NULL, reason TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  PRIMARY KEY (participant_id, of_request)
) STRICT;
"""

STEPS = (  # STEPS[n] leads from version n to n + 1
    *FIRST_STEPS,
    Step(_PAY_CURRENCIES, ()),
    Step(_PAYEES, ()),
    Step(_KEPT_TERMS, ("superseded_proposals",)),
    Step(_FIXED_ACTIVITIES, ("fixed_events",)),
    Step(_PAID_BEFORE, ("paid_before",)),
    Step(_CHAIN, ("chain_links",)),
    Step(_PAY_LABELS, ()),
    Step(_PAY_OF_ONE, ()),
    Step(_ACCOUNT_ATTRIBUTES, ("account_attributes",)),
    Step(_TOLD_PROPOSALS, ("proposal_acknowledgements",)),
    Step(_CAUSES, ()),
    Step(_HOLDS, ("holds",)),
    Step(_CONTROL_TOTALS, ("control_totals",)),
    Step(_STATED_CREDITS, ("stated_credits",)),
    Step(_ISSUED_STATEMENTS, ("issued_statements",)),
    Step(_ERASED_NAMES, ("erased_names",), names_may_go=True),
)
VERSION = len(STEPS)
