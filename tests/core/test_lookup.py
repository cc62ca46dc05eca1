import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from compsvc.core.lookup import Lookup

NAMES = st.lists(st.one_of(st.none(), st.sampled_from("abcde")), max_size=30)


@given(NAMES, st.lists(st.sampled_from("abcdef"), max_size=3))
def test_what_is_looked_up_is_what_a_filter_finds_in_the_same_order(names: list[str | None], asked: list[str]) -> None:
    frame = pl.DataFrame({"name": pl.Series(names, dtype=pl.String), "row": range(len(names))})
    assert Lookup(frame, "name").rows(*asked).equals(frame.filter(pl.col("name").is_in(asked)))
