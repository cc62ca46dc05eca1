"""The plans of the measured company: two, in the shape of the hardware sellers that the plan language was tried on."""

from __future__ import annotations

from collections.abc import Mapping

TERMS = """\
currency: USD
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {on: accepted}
payable: {on: accepted}
"""

REP = """\
plan: rep
title: Sales Representative 2026
terms: terms.yaml
provisioning: equal
effective: 2026-01-01

credits:
  own-deals:
    when: {type: [new_logo, upsell, cross_sell]}
    to: seller
    handover:
      keep: 12 months
      after: first order
      for: [upsell, cross_sell]
      if_hunter_left: owner
      survives_cancel: no

components:
  commission:
    counts: final_stage_acv
    ramp: {term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: first_stage}
    one_time: count
    from: own-deals
    per: quarter
    quota: from assignment
    zero_quota: pay_base
    pays:
      rate_table:
        mode: marginal
        by: attainment
        boundary: at
        tiers:
          - {to: 100%, rate: 8%}
          - {to: 150%, rate: 12%}
          - {rate: 10%}
  new-logo-kicker:
    counts: new_logos
    logo: account
    minimum_deal: 1_000
    settle: as_earned
    from: own-deals
    per: quarter
    pays:
      kicker: {every: 3, bonus: 5_000}
"""

MANAGER = """\
plan: manager
title: Sales Manager 2026
terms: terms.yaml
provisioning: equal
effective: 2026-01-01

components:
  team:
    counts: final_stage_acv
    ramp: {term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: first_stage}
    one_time: count
    from: team
    own_deals: out
    per: quarter
    settle: as_earned
    pays:
      flat_rate: {rate: 1%}
"""

TEXTS: Mapping[str, str] = {"terms.yaml": TERMS, "rep.yaml": REP, "manager.yaml": MANAGER}
