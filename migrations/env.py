"""Runs migrations on the connection that `postmortem.schema` opened, or autogenerates against it."""

from alembic import context

from postmortem.models import metadata
from postmortem.schema import check_foreign_keys

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
    check_foreign_keys(connection)
