"""Two roles from the first migration on: the owner makes tables, the program works with them."""

from django.db import migrations

from audit.record import GrantProgram


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    # Default privileges cover only tables made later, so this comes before every other table.
    run_before = [
        ("account", "0001_initial"),
        ("auth", "0001_initial"),
        ("axes", "0001_initial"),
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [GrantProgram()]
