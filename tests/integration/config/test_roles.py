"""The program's database role: it works with tables, and cannot touch the record or the triggers."""

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, ProgrammingError, connection, transaction


@pytest.mark.django_db
class TestProgramRole:
    def test_reads_and_writes_ordinary_tables(self) -> None:
        group = Group.objects.create(name="desk")

        Group.objects.filter(pk=group.pk).update(name="desk of two")
        group.delete()

        assert not Group.objects.filter(name__startswith="desk").exists()

    def test_makes_no_tables(self) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE smuggled (id int)")

    def test_switches_no_triggers_off(self) -> None:
        with pytest.raises(DatabaseError, match="must be owner"), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE auth_group DISABLE TRIGGER ALL")

    def test_does_not_bypass_triggers_for_its_session(self) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")


@pytest.mark.django_db(transaction=True)
class TestCommittingTests:
    def test_leave_rows_behind(self) -> None:
        with transaction.atomic():
            Group.objects.create(name="left behind")

        assert Group.objects.filter(name="left behind").exists()

    def test_find_none_of_an_earlier_test(self) -> None:
        assert not Group.objects.filter(name="left behind").exists()
