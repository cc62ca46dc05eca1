"""Step 1 of sql_steps.STEPS."""

from alembic import op

from compsvc.adapters.postgres_schema import REFUSE, statements_of
from compsvc.adapters.sql_steps import STEPS

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(REFUSE)
    for statement in statements_of(STEPS[0]):
        op.execute(statement)
