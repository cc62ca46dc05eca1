"""Alembic's folder: one revision for each step of sql_steps.STEPS."""
