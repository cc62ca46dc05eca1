"""Step 20 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for statement in statements_of(STEPS[19]):
        op.execute(statement)
