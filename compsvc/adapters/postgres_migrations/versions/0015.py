"""Step 15 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for statement in statements_of(STEPS[14]):
        op.execute(statement)
