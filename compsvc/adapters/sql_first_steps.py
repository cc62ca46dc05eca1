"""The first eight steps of a book's tables (sql_steps.py)."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    sql: str
    added_to: tuple[str, ...]  # tables of this step that are only ever added to
    names_may_go: bool = False  # from this step on the name of a participant may be set to null, and nothing else (J4)


NAME = "display_name"
BESIDES_NAME = ("participant_id", "request", "personnel_number", "pay_group")  # the other columns of `participants`


_VERSION_1 = """
CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied_time TEXT NOT NULL) STRICT;

CREATE TABLE requests (
  request INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  fingerprint BLOB NOT NULL,
  subject TEXT NOT NULL,
  recorded_time TEXT NOT NULL,
  created INTEGER NOT NULL CHECK (created >= 0),
  unchanged INTEGER NOT NULL CHECK (unchanged >= 0),
  revised INTEGER NOT NULL CHECK (revised >= 0),
  answer TEXT
) STRICT;
CREATE INDEX requests_that_stored ON requests (request) WHERE created + revised > 0;

CREATE TABLE plans (
  request INTEGER PRIMARY KEY REFERENCES requests,
  plan TEXT NOT NULL,
  revision TEXT NOT NULL,
  title TEXT NOT NULL,
  effective_date TEXT NOT NULL,
  currency_code TEXT NOT NULL,
  corrects_revision TEXT,
  file_name TEXT NOT NULL,
  source TEXT NOT NULL,
  UNIQUE (plan, revision)
) STRICT;
CREATE TABLE plan_terms (
  request INTEGER NOT NULL REFERENCES plans,
  file_name TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (request, file_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE participants (
  participant_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  display_name TEXT,
  PRIMARY KEY (participant_id, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignments (
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, start_date TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  role TEXT, end_date TEXT, target_incentive_minor INTEGER, currency_code TEXT, manager_id TEXT, cover_id TEXT,
  PRIMARY KEY (participant_id, plan, start_date, request)
) STRICT, WITHOUT ROWID;
CREATE TABLE quotas (
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, start_date TEXT NOT NULL, request INTEGER NOT NULL,
  component TEXT NOT NULL, amount_minor INTEGER NOT NULL, per TEXT NOT NULL,
  PRIMARY KEY (participant_id, plan, start_date, request, component),
  FOREIGN KEY (participant_id, plan, start_date, request) REFERENCES assignments
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  account_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  name TEXT, parent_id TEXT, industry TEXT, region TEXT, segment TEXT, known_since TEXT,
  PRIMARY KEY (account_id, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE ownerships (
  account_id TEXT NOT NULL, start_date TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  participant_id TEXT NOT NULL, end_date TEXT,
  PRIMARY KEY (account_id, start_date, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE territories (
  participant_id TEXT NOT NULL, industry TEXT NOT NULL, region TEXT NOT NULL, segment TEXT NOT NULL,
  start_date TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  end_date TEXT,
  PRIMARY KEY (participant_id, industry, region, segment, start_date, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE opportunities (
  source TEXT NOT NULL, opportunity_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  account_id TEXT, seller_id TEXT, product TEXT, stage TEXT NOT NULL, amount_minor INTEGER, currency_code TEXT,
  opened_date TEXT, expected_close_date TEXT,
  PRIMARY KEY (source, opportunity_id, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE deals (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  account_id TEXT NOT NULL, seller_id TEXT, opened_date TEXT, closed_date TEXT NOT NULL, accepted_time TEXT,
  pending_reason TEXT, currency_code TEXT NOT NULL, channel TEXT, opportunity_id TEXT, split_reason TEXT,
  product TEXT, type TEXT, quantity INTEGER, start_date TEXT, end_date TEXT, annual_value_minor INTEGER,
  one_time_value_minor INTEGER, cost_minor INTEGER, discount_ppm INTEGER, replaces TEXT,
  PRIMARY KEY (source, external_id, request),
  UNIQUE (source, external_id, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE deal_lines (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL, line INTEGER NOT NULL,
  product TEXT, type TEXT, quantity INTEGER, start_date TEXT, end_date TEXT, annual_value_minor INTEGER,
  one_time_value_minor INTEGER, cost_minor INTEGER, discount_ppm INTEGER, replaces TEXT,
  PRIMARY KEY (source, external_id, request, line),
  FOREIGN KEY (source, external_id, request) REFERENCES deals
) STRICT, WITHOUT ROWID;
CREATE TABLE stages (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL, line INTEGER NOT NULL,
  stage INTEGER NOT NULL, start_date TEXT, end_date TEXT, annual_value_minor INTEGER NOT NULL,
  committed INTEGER NOT NULL CHECK (committed IN (0, 1)), exercised_time TEXT,
  PRIMARY KEY (source, external_id, request, line, stage),
  FOREIGN KEY (source, external_id, request) REFERENCES deals
) STRICT, WITHOUT ROWID;
CREATE TABLE splits (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL, position INTEGER NOT NULL,
  participant_id TEXT NOT NULL, share_num INTEGER NOT NULL, share_den INTEGER NOT NULL CHECK (share_den > 0),
  PRIMARY KEY (source, external_id, request, position),
  FOREIGN KEY (source, external_id, request) REFERENCES deals
) STRICT, WITHOUT ROWID;
CREATE TABLE deal_roles (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL, role TEXT NOT NULL,
  position INTEGER NOT NULL, participant_id TEXT NOT NULL, share_num INTEGER, share_den INTEGER CHECK (share_den > 0),
  PRIMARY KEY (source, external_id, request, role, position),
  FOREIGN KEY (source, external_id, request) REFERENCES deals
) STRICT, WITHOUT ROWID;
CREATE TABLE deal_attributes (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (source, external_id, request, name),
  FOREIGN KEY (source, external_id, request) REFERENCES deals
) STRICT, WITHOUT ROWID;
"""

_ADDED_TO_1 = (
    *("schema_versions", "requests", "plans", "plan_terms", "participants", "assignments", "quotas", "accounts"),
    *("ownerships", "territories", "opportunities", "deals", "deal_lines", "stages", "splits", "deal_roles"),
    "deal_attributes",
)


_VERSION_2 = """
CREATE TABLE opportunity_snapshots (
  source TEXT NOT NULL, opportunity_id TEXT NOT NULL, snapshot_time TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  account_id TEXT, seller_id TEXT, product TEXT, type TEXT, stage TEXT NOT NULL, stage_since_date TEXT, category TEXT,
  probability_ppm INTEGER, amount_minor INTEGER, currency_code TEXT, opened_date TEXT, expected_close_date TEXT,
  start_date TEXT, end_date TEXT, reactivated_date TEXT,
  PRIMARY KEY (source, opportunity_id, snapshot_time, request)
) STRICT, WITHOUT ROWID;
INSERT INTO opportunity_snapshots
  (source, opportunity_id, snapshot_time, request, account_id, seller_id, product, stage, amount_minor, currency_code,
   opened_date, expected_close_date)
  SELECT source, opportunity_id, '', request, account_id, seller_id, product, stage, amount_minor, currency_code,
   opened_date, expected_close_date FROM opportunities;
DROP TABLE opportunities;
ALTER TABLE opportunity_snapshots RENAME TO opportunities;

CREATE TABLE pipeline_stages (
  stage TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  position INTEGER NOT NULL, probability_ppm INTEGER NOT NULL, category TEXT NOT NULL, limit_days INTEGER,
  PRIMARY KEY (stage, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE activities (
  source TEXT NOT NULL, external_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  participant_id TEXT NOT NULL, kind TEXT NOT NULL, activity_date TEXT NOT NULL, account_id TEXT, opportunity_id TEXT,
  outcome TEXT, quantity INTEGER,
  PRIMARY KEY (source, external_id, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE fx_rates (
  fx_table TEXT NOT NULL, from_currency_code TEXT NOT NULL, to_currency_code TEXT NOT NULL, start_date TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  rate_num INTEGER NOT NULL CHECK (rate_num > 0), rate_den INTEGER NOT NULL CHECK (rate_den > 0),
  PRIMARY KEY (fx_table, from_currency_code, to_currency_code, start_date, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE leaves (
  participant_id TEXT NOT NULL, start_date TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  kind TEXT NOT NULL, end_date TEXT,
  PRIMARY KEY (participant_id, start_date, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE exits (
  participant_id TEXT NOT NULL, last_date TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  reason_code TEXT, withdrawn INTEGER CHECK (withdrawn IN (0, 1)),
  PRIMARY KEY (participant_id, last_date, request)
) STRICT, WITHOUT ROWID;
"""

_ADDED_TO_2 = ("opportunities", "pipeline_stages", "activities", "fx_rates", "leaves", "exits")


_VERSION_3 = """
ALTER TABLE assignments ADD COLUMN workload_ppm INTEGER;
ALTER TABLE assignments ADD COLUMN ramp_up_date TEXT;
"""

_VERSION_4 = """
CREATE TABLE losses (
  source TEXT NOT NULL, external_id TEXT NOT NULL, loss_id TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  line INTEGER, loss_date TEXT NOT NULL, kind TEXT NOT NULL, amount_minor INTEGER, currency_code TEXT,
  share_num INTEGER, share_den INTEGER CHECK (share_den > 0), reason TEXT, attributable_to TEXT NOT NULL, evidence TEXT,
  withdrawn INTEGER CHECK (withdrawn IN (0, 1)),
  PRIMARY KEY (source, external_id, loss_id, request)
) STRICT, WITHOUT ROWID;
"""

_ADDED_TO_4 = ("losses",)

_PAYROLL = """
CREATE TABLE payroll_runs (
  run_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  pay_period TEXT NOT NULL, participant_ids TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('computed', 'approved', 'sealed', 'cancelled')),
  created_by TEXT NOT NULL, approved_by TEXT NOT NULL, book_position INTEGER NOT NULL, ledger_position INTEGER NOT NULL,
  calculation_version TEXT NOT NULL, digest TEXT NOT NULL, payout_count INTEGER NOT NULL, totals TEXT NOT NULL,
  head_hash TEXT NOT NULL,
  PRIMARY KEY (run_id, request),
  UNIQUE (run_id, state)
) STRICT;

CREATE TABLE ledger_entries (
  entry INTEGER PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests,
  run_id TEXT NOT NULL, pay_period TEXT NOT NULL, transaction_number INTEGER NOT NULL, account TEXT NOT NULL,
  participant_id TEXT NOT NULL, plan TEXT, component TEXT, period TEXT, source TEXT, external_id TEXT, line INTEGER,
  stage INTEGER, activity TEXT, step INTEGER, part INTEGER, kind TEXT NOT NULL, currency_code TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, effective_date TEXT, revision TEXT, corrects_pay_period TEXT,
  previous_hash TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;

CREATE TABLE sealed_payouts (
  payout_id TEXT PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests, place INTEGER NOT NULL,
  run_id TEXT NOT NULL, pay_period TEXT NOT NULL, participant_id TEXT NOT NULL, plan TEXT NOT NULL,
  component TEXT NOT NULL, earned_period TEXT NOT NULL, earned_start_date TEXT, earned_end_date TEXT,
  nature TEXT NOT NULL, corrects_pay_period TEXT, amount_minor INTEGER NOT NULL, currency_code TEXT NOT NULL,
  repeats_payout_id TEXT UNIQUE REFERENCES sealed_payouts
) STRICT;
CREATE INDEX sealed_payouts_of_runs ON sealed_payouts (run_id, place);

CREATE TABLE payout_outcomes (
  payout_id TEXT PRIMARY KEY REFERENCES sealed_payouts, run_id TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  outcome TEXT NOT NULL CHECK (outcome IN ('paid', 'rejected')), paid_date TEXT, reason TEXT NOT NULL
) STRICT;

CREATE TABLE run_exports (
  run_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  PRIMARY KEY (run_id, request)
) STRICT;

CREATE TABLE pay_periods (
  pay_period TEXT NOT NULL, version INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  state TEXT NOT NULL CHECK (state IN ('open', 'locked', 'closed')), changed_by TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (pay_period, version)
) STRICT;

CREATE TABLE fixed_events (
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, component TEXT NOT NULL, period TEXT NOT NULL,
  place INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  source TEXT NOT NULL, external_id TEXT NOT NULL, line INTEGER NOT NULL, stage INTEGER NOT NULL,
  loss_id TEXT, counts INTEGER NOT NULL, pays INTEGER NOT NULL,
  PRIMARY KEY (participant_id, plan, component, period, place)
) STRICT;
"""
_ADDED_BY_PAYROLL = (
    *("payroll_runs", "ledger_entries", "sealed_payouts", "payout_outcomes", "run_exports", "pay_periods"),
    "fixed_events",
)


_VERSION_5 = """
CREATE TABLE deal_payments (
  source TEXT NOT NULL, external_id TEXT NOT NULL, payment_id TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  kind TEXT NOT NULL, payment_date TEXT NOT NULL, amount_minor INTEGER, currency_code TEXT,
  share_num INTEGER, share_den INTEGER CHECK (share_den > 0),
  PRIMARY KEY (source, external_id, payment_id, request)
) STRICT, WITHOUT ROWID;
"""

_ADDED_TO_5 = ("deal_payments",)


_AGREEMENTS = """
ALTER TABLE assignments ADD COLUMN jurisdiction TEXT;

CREATE TABLE disputes (
  dispute_id TEXT PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests,
  participant_id TEXT NOT NULL, subject TEXT NOT NULL, period TEXT NOT NULL, amount_minor INTEGER, currency_code TEXT
) STRICT;

CREATE TABLE dispute_entries (
  dispute_id TEXT NOT NULL REFERENCES disputes, number INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  action TEXT NOT NULL CHECK (action IN
    ('opened', 'replied', 'accepted', 'withdrawn', 'answered', 'adjusted', 'declined')),
  author TEXT NOT NULL, text TEXT NOT NULL, adjustment_id TEXT NOT NULL,
  PRIMARY KEY (dispute_id, number)
) STRICT;

CREATE TABLE plan_letters (
  letter_id TEXT PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests,
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, revision TEXT NOT NULL, start_date TEXT NOT NULL,
  terms TEXT NOT NULL, terms_hash TEXT NOT NULL, sender TEXT NOT NULL
) STRICT;

CREATE TABLE plan_letter_entries (
  letter_id TEXT NOT NULL REFERENCES plan_letters, number INTEGER NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  action TEXT NOT NULL CHECK (action IN ('received', 'signed', 'declined')),
  author TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (letter_id, number)
) STRICT;

CREATE TABLE statement_acknowledgements (
  participant_id TEXT NOT NULL, period TEXT NOT NULL, statement_hash TEXT NOT NULL,
  request INTEGER NOT NULL REFERENCES requests, author TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (participant_id, period, statement_hash)
) STRICT;

CREATE TABLE close_findings (
  pay_period TEXT NOT NULL, finding_id TEXT NOT NULL, number INTEGER NOT NULL,
  request INTEGER NOT NULL REFERENCES requests,
  code TEXT NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('found', 'mended', 'signed_off')),
  author TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (pay_period, finding_id, number)
) STRICT;
"""
_ADDED_BY_AGREEMENTS = (
    *("disputes", "dispute_entries", "plan_letters", "plan_letter_entries", "statement_acknowledgements"),
    "close_findings",
)
_ADJUSTMENTS = """
CREATE TABLE adjustments (
  adjustment_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests,
  state TEXT NOT NULL CHECK (state IN ('written', 'accepted', 'declined')),
  origin TEXT NOT NULL CHECK (origin IN ('manual', 'proposed')),
  participant_id TEXT NOT NULL, plan TEXT NOT NULL, component TEXT NOT NULL, amount_minor INTEGER NOT NULL,
  currency_code TEXT NOT NULL, pay_period TEXT NOT NULL, corrects_pay_period TEXT NOT NULL, kind TEXT NOT NULL,
  reason TEXT NOT NULL, evidence TEXT NOT NULL, author TEXT NOT NULL, decider TEXT NOT NULL,
  decision_reason TEXT NOT NULL,
  PRIMARY KEY (adjustment_id, request),
  UNIQUE (adjustment_id, state)
) STRICT;

CREATE TABLE adjustment_parts (
  adjustment_id TEXT NOT NULL, request INTEGER NOT NULL REFERENCES requests, place INTEGER NOT NULL,
  participant_id TEXT NOT NULL, plan TEXT, component TEXT, period TEXT, source TEXT, external_id TEXT, line INTEGER,
  stage INTEGER, activity TEXT, step INTEGER, part INTEGER, kind TEXT NOT NULL, currency_code TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  PRIMARY KEY (adjustment_id, place)
) STRICT;
"""
_ADDED_BY_ADJUSTMENTS = ("adjustments", "adjustment_parts")


FIRST_STEPS = (
    Step(_VERSION_1, _ADDED_TO_1),
    Step(_VERSION_2, _ADDED_TO_2),
    Step(_VERSION_3, ()),
    Step(_VERSION_4, _ADDED_TO_4),
    Step(_PAYROLL, _ADDED_BY_PAYROLL),
    Step(_VERSION_5, _ADDED_TO_5),
    Step(_AGREEMENTS, _ADDED_BY_AGREEMENTS),
    Step(_ADJUSTMENTS, _ADDED_BY_ADJUSTMENTS),
)
