"""Step 21 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for statement in statements_of(STEPS[20]):
        op.execute(statement)
