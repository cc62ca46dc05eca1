"""Step 24 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for statement in statements_of(STEPS[23]):
        op.execute(statement)
