"""Plans that several suites load."""

TEN_PERCENT = """\
plan: account-executive
title: Account Executive 2026
provisioning: equal
effective: 2026-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
credits:
  own-deals:
    when: {type: [new_logo, upsell, cross_sell]}
    to: seller
components:
  commission:
    counts: acv
    from: own-deals
    per: year
    pays: {flat_rate: {rate: 10%}}
earned: {on: accepted}
payable: {on: accepted}
"""
