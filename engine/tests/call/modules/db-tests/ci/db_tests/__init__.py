"""Tests of a program against a database that is a file."""

from db_tests.main import DbTests as DbTests
