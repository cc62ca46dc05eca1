"""Step 5 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in statements_of(STEPS[4]):
        op.execute(statement)
