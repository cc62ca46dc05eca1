"""Step 10 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for statement in statements_of(STEPS[9]):
        op.execute(statement)
