"""The facts with their ids turned into numbers and the deals opened into stage events, in acceptance order.

An *event* is what credit is given for: one row per (deal, line, stage). Stage 0 is the line itself with all its
committed stages, a further stage an option that was exercised, or, where a plan credits ramps stage by stage, a later
committed stage, which begins by itself (L3). Row numbers serve as keys: `event_ix` and `deal_ix`
are positions in `events` and `deals`, `participant_ix` and `account_ix` follow the sorted ids.

A line's *subject* is an event, an activity, a stated credit or an account (of what a period opens with), in one
numbering: activities go on where the events end, stated credits where the activities do, accounts behind these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm

import polars as pl

from compsvc.core.columns import repeated
from compsvc.core.facts import DEAL, Facts
from compsvc.core.limits import MAX_LEVELS
from compsvc.core.losses import numbered

_LINE_COLUMNS = ["product", "type", "quantity", "start_date", "end_date", "annual_value_minor"]
_LINE_COLUMNS += ["one_time_value_minor", "cost_minor", "discount_ppm", "replaces"]
_AFTER_ALL = 2**61  # microseconds: later than any date


@dataclass(frozen=True, slots=True)
class Book:
    participants: pl.DataFrame  # participant_ix, participant_id
    accounts: pl.DataFrame  # account_ix, root_ix, known_since, root_known_since, industry, region, segment
    deals: pl.DataFrame  # facts.deals with deal_ix, account_ix, seller_ix
    events: pl.DataFrame  # sorted in acceptance order, pending ones last (D1); `begins`: of later committed stages
    stages: pl.DataFrame  # of lines with stages: deal_ix, line, stage, start_date, end_date, level, committed
    splits: pl.DataFrame  # deal_ix, position, participant_ix, share_num, share_den
    roles: pl.DataFrame  # deal_ix, role, position, participant_ix, share_num, share_den
    account_attributes: pl.DataFrame  # account_ix, attribute, value, start_date
    ownerships: pl.DataFrame  # account_ix, participant_ix, start_date, end_date
    territories: pl.DataFrame  # participant_ix, industry, region, segment, start_date, end_date
    losses: pl.DataFrame  # `losses.KNOWN` with its number
    lost: pl.DataFrame  # `losses.LOST`: which part of which line each takes
    assignments: pl.DataFrame  # assignment_ix, participant_ix, manager_ix, cover_ix and the facts' columns
    leaves: pl.DataFrame  # participant_ix, start_date, end_date
    exits: pl.DataFrame  # participant_ix, last_date; without those that were withdrawn
    fx_rates: pl.DataFrame  # the facts' columns
    activities: pl.DataFrame  # the facts' columns with subject (after all events) and participant_ix; by date and id
    stated: pl.DataFrame  # the facts' columns with subject, participant_ix, `credit`, and the `event_ix` that is named
    signed: pl.Series | None = None  # per event the one that was signed, where stages begin by themselves

    @property
    def stated_from(self) -> int:
        """The number of the first stated credit as a subject."""
        return self.events.height + self.activities.height

    @property
    def accounts_from(self) -> int:
        """The number of the first account as a subject."""
        return self.stated_from + self.stated.height

    def of_deals(self, subjects: pl.Series) -> pl.Series:
        """The subjects as numbers of events, null where they are anything else."""
        if int(subjects.max() or 0) < self.events.height:  # type: ignore[arg-type]
            return subjects
        return subjects.set((subjects >= self.events.height).fill_null(False), None)

    def of_activities(self, subjects: pl.Series) -> pl.Series:
        """The subjects as positions in `activities`, null where they are none."""
        return _counted_from(subjects, self.events.height, self.activities.height)

    def of_stated(self, subjects: pl.Series) -> pl.Series:
        """The subjects as positions in `stated`, null where they are none."""
        return _counted_from(subjects, self.stated_from, self.stated.height)

    def of_accounts(self, subjects: pl.Series) -> pl.Series:
        """The subjects as numbers of accounts, null where they are none."""
        return _counted_from(subjects, self.accounts_from, self.accounts.height)


def _counted_from(subjects: pl.Series, first: int, height: int) -> pl.Series:
    """The subjects counted from `first`, null where they are before it or beyond `height`."""
    if int(subjects.max() or 0) < first:  # type: ignore[arg-type]
        return repeated(None, len(subjects), pl.UInt32).alias(subjects.name)
    found = subjects.cast(pl.Int64) - first
    return found.set(((found < 0) | (found >= height)).fill_null(False), None).cast(pl.UInt32)


def book(facts: Facts, *, by_stage: bool = False) -> Book:
    """Facts that passed the checks, numbered. Ids that nothing else names are fine, dangling ones are not. `by_stage`:
    the later committed stages of ramps are events as well."""
    assert facts.deal_revisions.is_empty(), "the check of the facts has made losses of what customers changed"
    people = facts.participants.select(pl.col("participant_id").unique().sort()).with_row_index("participant_ix")
    accounts = _accounts(facts.accounts)
    deals = _deals(facts.deals, accounts, people)
    lines = _of_deals(facts.deal_lines, deals)
    stages = _stages(_of_deals(facts.stages, deals), lines, deals)
    losses, lost = numbered(facts, deals)
    found = Book(
        participants=people,
        accounts=accounts,
        deals=deals,
        events=_events(deals, lines, stages, by_stage=by_stage),
        stages=stages,
        splits=_one_denominator(_numbered(_of_deals(facts.splits, deals), people, "participant"), ["deal_ix"]),
        roles=_one_denominator(
            _numbered(_of_deals(facts.deal_roles, deals), people, "participant"), ["deal_ix", "role"]
        ),
        account_attributes=_of_accounts(facts.account_attributes, accounts),
        ownerships=_of_accounts(_numbered(facts.ownerships, people, "participant"), accounts),
        territories=_numbered(facts.territories, people, "participant"),
        losses=losses,
        lost=lost,
        assignments=_assignments(facts.assignments, people),
        activities=facts.activities,
        stated=facts.stated_credits,
        leaves=_numbered(facts.leaves, people, "participant").select(
            "participant_ix", "start_date", pl.col("end_date").fill_null(pl.date(9999, 12, 31))
        ),
        exits=_numbered(facts.exits, people, "participant")
        .filter(~pl.col("withdrawn").fill_null(value=False))
        .select("participant_ix", "last_date"),
        fx_rates=facts.fx_rates,
    )
    activities = _activities(facts.activities, people, after=found.events.height)
    stated = _stated(facts.stated_credits, found, after=found.events.height + activities.height)
    return replace(found, activities=activities, stated=stated, signed=_signed(found.events))


def named_stages(facts: Facts) -> pl.DataFrame:
    """The stages as a book has them, with the names of their deals; numbers of deals are their own here."""
    deals = facts.deals.join(facts.stages.select(DEAL).unique(), on=DEAL, how="semi").with_row_index("deal_ix")
    stages = _stages(_of_deals(facts.stages, deals), _of_deals(facts.deal_lines, deals), deals)
    return stages.join(deals.select("deal_ix", *DEAL), on="deal_ix")


def _accounts(accounts: pl.DataFrame) -> pl.DataFrame:
    """Each account with its ultimate parent, and since when either is known."""
    rows = accounts.sort("account_id").with_row_index("account_ix")
    index = rows.select(parent_id="account_id", parent_ix="account_ix")
    rows = rows.join(index, on="parent_id", how="left", maintain_order="left")
    root, parents = rows["account_ix"].alias("root_ix"), rows["parent_ix"]
    for _ in range(MAX_LEVELS):
        above = parents[root]
        if above.null_count() == len(above):
            break
        root = pl.select(pl.coalesce(above, root).alias("root_ix")).to_series()
    rows = rows.with_columns(root)
    known = rows.group_by("root_ix").agg(root_known_since=pl.col("known_since").min())
    return rows.join(known, on="root_ix", how="left", maintain_order="left").drop("parent_id", "parent_ix", "name")


def _of_accounts(frame: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    return frame.join(accounts.select("account_id", "account_ix"), on="account_id")


def _deals(deals: pl.DataFrame, accounts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """By source and id, so that their numbers order them."""
    sources, ids = (deals[name] for name in DEAL)
    if not (one_value(sources) and ids.is_sorted()):
        deals = deals.sort(DEAL)
    known = [("account", accounts.select("account_id", "account_ix"))]
    known.append(("seller", people.select(seller_id="participant_id", seller_ix="participant_ix")))
    numbers = pl.collect_all(
        deals.lazy()
        .select(f"{what}_id")
        .join(ids.lazy(), on=f"{what}_id", how="left", maintain_order="left")
        .select(f"{what}_ix")
        for what, ids in known
    )
    return pl.concat([deals, *numbers], how="horizontal").with_row_index("deal_ix")


def _of_deals(frame: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return frame.with_columns(deal_ix=pl.lit(None, dtype=pl.get_index_type())).drop(DEAL)
    both = pl.concat([frame["source"].unique(), deals["source"].unique()]).n_unique()
    key = ["external_id"] if both == 1 else DEAL  # text is dear to compare
    return frame.join(deals.select(*key, "deal_ix"), on=key).drop(DEAL)


def _numbered(frame: pl.DataFrame, people: pl.DataFrame, what: str) -> pl.DataFrame:
    index = people.select(pl.col("participant_id").alias(f"{what}_id"), pl.col("participant_ix").alias(f"{what}_ix"))
    return frame.join(index, on=f"{what}_id", how="left", maintain_order="left")


def _assignments(assignments: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    rows = assignments.sort("plan", "participant_id", "start_date").with_row_index("assignment_ix")
    for what in ("participant", "manager", "cover"):
        rows = _numbered(rows, people, what)
    return rows.with_columns(pl.col("end_date").fill_null(pl.date(9999, 12, 31)))


def _activities(activities: pl.DataFrame, people: pl.DataFrame, *, after: int) -> pl.DataFrame:
    """In D2's order: by date, source and id; `quantity` is one where it is not given."""
    rows = _numbered(activities, people, "participant").sort("activity_date", "source", "external_id")
    told = pl.col("quantity").is_not_null().alias("quantified")
    return rows.with_columns(pl.col("quantity").fill_null(1), told).with_row_index("subject", offset=after)


def _stated(credits: pl.DataFrame, book: Book, *, after: int) -> pl.DataFrame:
    """By date, kind and id; an opening posts nothing, so that it does not matter which of a day stands first."""
    if credits.is_empty():
        return credits
    rows = _numbered(credits, book.participants, "participant").sort("credit_date", "kind", "credit_id")
    deals = book.deals.select(*DEAL, "deal_ix")
    lines = book.events.filter(pl.col("stage") == 0, pl.col("accepted_time").is_not_null())
    lines = lines.select("deal_ix", "line", "event_ix")
    named = rows.with_row_index("row").join(deals, on=DEAL).join(lines, on="deal_ix", suffix="_of_deal")
    named = named.filter(pl.col("line").is_null() | (pl.col("line") == pl.col("line_of_deal")))
    rows = rows.with_row_index("row").join(named.select("row", "event_ix"), on="row", how="left", maintain_order="left")
    credit = pl.coalesce("amount_minor", "count_millionths").alias("credit")
    return rows.with_columns(credit).drop("row").with_row_index("subject", offset=after)


def _one_denominator(shares: pl.DataFrame, whole: list[str]) -> pl.DataFrame:
    """The shares of one whole over one denominator, so that they add up as integers."""
    if shares.is_empty():
        return shares
    denominators = shares.group_by(whole).agg(pl.col("share_den").drop_nulls().unique().sort().alias("dens"))
    distinct = denominators.select(pl.col("dens").unique(maintain_order=True))
    common = distinct.with_columns(common=pl.Series([lcm(*dens) for dens in distinct["dens"]], dtype=pl.Int64))
    rows = shares.join(denominators.join(common, on="dens"), on=whole).drop("dens")
    scaled = pl.col("share_num") * (pl.col("common") // pl.col("share_den"))
    ordered = rows.with_columns(share_num=scaled, share_den=pl.col("common")).drop("common")
    return ordered.sort(*whole, "position")


def _stages(stages: pl.DataFrame, lines: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """The stages of each line by number. An end that is not given is the next committed start, or the line's end."""
    rows = stages.rename({"annual_value_minor": "level"}).sort("deal_ix", "line", "stage")
    if not rows["end_date"].null_count():
        return rows
    inline = deals.select("deal_ix", pl.lit(1, dtype=pl.Int64).alias("line"), line_end="end_date")
    ends = pl.concat([lines.select("deal_ix", "line", line_end="end_date"), inline]).unique(
        ["deal_ix", "line"], keep="first", maintain_order=True
    )
    rows = rows.join(ends, on=["deal_ix", "line"], how="left", maintain_order="left")
    next_start = pl.when("committed").then("start_date").backward_fill().shift(-1).over("deal_ix", "line")
    return rows.with_columns(end_date=pl.coalesce("end_date", next_start, "line_end")).drop("line_end")


def _events(deals: pl.DataFrame, lines: pl.DataFrame, stages: pl.DataFrame, *, by_stage: bool) -> pl.DataFrame:
    """Every line, every option that was exercised and every stage that begins by itself, in acceptance order."""
    header = ["deal_ix", "account_ix", "seller_ix", "opened_date", "closed_date", "accepted_time"]
    header += ["currency_code", "channel"]
    header += [name for name in deals.columns if name.startswith("attributes.")]
    opened = deals.select(*header, pl.lit(1, dtype=pl.Int64).alias("line"), *_LINE_COLUMNS)
    if not lines.is_empty():
        several = deals.select(header).join(lines.select("deal_ix", "line", *_LINE_COLUMNS), on="deal_ix")
        opened = pl.concat([opened.join(lines, on="deal_ix", how="anti"), several])
    nothing = pl.lit(None, dtype=pl.Int64)
    opened = opened.with_columns(
        stage=pl.lit(0, dtype=pl.Int64), option_level=nothing, stage_level=nothing, begins=pl.lit(None, dtype=pl.Date)
    )
    taken = stages.filter(~pl.col("committed") & pl.col("exercised_time").is_not_null())
    begun = _later_stages(stages) if by_stage else taken.clear()
    further = [_options(opened, taken)] if taken.height else []
    further += [_begun(opened, begun)] if begun.height else []
    if further:
        opened = pl.concat([opened, *further])
    order = _acceptance_order(opened)
    moved = [column.name for column in opened.get_columns() if not one_value(column)]  # the others stay as they are
    return _with_bought(opened.with_columns(pl.col(moved).gather(order))).with_row_index("event_ix")


def _acceptance_order(events: pl.DataFrame) -> pl.Series:
    """The rows by acceptance, pending ones last by close date, ties by source, id, line and stage (D1): one whole
    number a row, since sorting by one is several times faster than by six."""
    instant = pl.col("accepted_time").cast(pl.Int64)
    waiting = pl.lit(_AFTER_ALL) + pl.col("closed_date").cast(pl.Int64)
    key, most = pl.coalesce(instant, waiting).cast(pl.Int128), 2 * _AFTER_ALL
    for name in ("deal_ix", "line", "stage"):
        near = name == "deal_ix" or _highest(events[name]) < 10_000  # lines may be numbered as the CRM likes
        number = events[name] if near else events[name].rank("dense")
        key = key * (_highest(number) + 1) + pl.lit(number).cast(pl.Int128)
        most *= _highest(number) + 1
    assert most < 2**127, "the order of the events is one number"
    return events.select(key.alias("key")).to_series().arg_sort()


def _highest(numbers: pl.Series) -> int:
    return int(numbers.max() or 0)  # type: ignore[arg-type]


def _with_bought(events: pl.DataFrame) -> pl.DataFrame:
    """`bought`: a number for each account and product, the lines without a product together."""
    product = events["product"].cast(pl.Categorical).to_physical().cast(pl.UInt64) + 1
    several = _highest(product) + 1
    account = pl.col("account_ix").cast(pl.UInt64)
    return events.with_columns(bought=account * several + product.fill_null(0))


def one_value(column: pl.Series) -> bool:
    """Whether the column says the same in every row, so that its order and its rows need not be looked at."""
    if column.null_count() or column.dtype == pl.List:  # lists cannot be compared
        return column.null_count() == len(column)
    return column.min() == column.max()


def _options(opened: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """An option is closed and accepted when it is exercised; one of a pending deal is pending."""
    keyed = opened.drop("stage", "option_level").join(
        taken.select("deal_ix", "line", "stage", "exercised_time", option_level="level"), on=["deal_ix", "line"]
    )
    exercised = keyed.with_columns(
        closed_date=pl.col("exercised_time").dt.date(),
        accepted_time=pl.when(pl.col("accepted_time").is_not_null()).then("exercised_time"),
    )
    return exercised.select(opened.columns)


def _later_stages(stages: pl.DataFrame) -> pl.DataFrame:
    """All committed stages but the first of each line, which counts with the line itself."""
    return stages.filter("committed").filter(~pl.struct("deal_ix", "line").is_first_distinct())


def _begun(opened: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """A later stage of an accepted deal was signed with its line, and is accepted on the day on which it begins."""
    keyed = opened.filter(pl.col("accepted_time").is_not_null()).drop("stage", "stage_level", "begins")
    keyed = keyed.join(
        stages.select("deal_ix", "line", "stage", stage_level="level", begins="start_date"), on=["deal_ix", "line"]
    )
    begins = pl.col("begins").cast(opened.schema["accepted_time"])
    return keyed.with_columns(accepted_time=pl.max_horizontal("accepted_time", begins)).select(opened.columns)


def _signed(events: pl.DataFrame) -> pl.Series | None:
    """Per event itself, of a stage that begins by itself its line."""
    begun = events.filter(pl.col("begins").is_not_null())
    if begun.is_empty():
        return None
    lines = events.filter(pl.col("stage") == 0).select("deal_ix", "line", signed="event_ix")
    found = begun.select("event_ix", "deal_ix", "line").join(lines, on=["deal_ix", "line"])
    return events["event_ix"].alias("signed").clone().scatter(found["event_ix"], found["signed"])
