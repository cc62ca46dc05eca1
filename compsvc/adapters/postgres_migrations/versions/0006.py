"""Step 6 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for statement in statements_of(STEPS[5]):
        op.execute(statement)
