"""Step 8 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for statement in statements_of(STEPS[7]):
        op.execute(statement)
