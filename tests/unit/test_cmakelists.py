"""What is read of a CMakeLists.txt."""

from __future__ import annotations

import pytest

from pipeline import cmakelists


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("project(Demo LANGUAGES CXX CUDA)", "demo"),
        ('cmake_minimum_required(VERSION 3.18)\nPROJECT ( "my-app" )', "my-app"),
        ("# project(old)\nproject(new)", "new"),
        ("#[[ project(old) ]]\nproject(new)", "new"),
        ("project(${NAME})", ""),
        ("add_executable(a a.cu)", ""),
    ],
)
def test_a_projects_name_is_read(text, name):
    assert cmakelists.project_name(text) == name


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("add_executable(a a.cu)\nadd_executable(b\n  b.cu)", ("a", "b")),
        ("Add_Executable( a )\ntarget_sources(a PRIVATE a.cu)", ("a",)),
        ("# add_executable(old a.cu)\nadd_executable(a a.cu)", ("a",)),
        ("add_executable(${PROJECT_NAME} a.cu)", ()),
        ("add_executable(x::y ALIAS a)\nadd_executable(tool IMPORTED)\nadd_executable(a a.cu)", ("a",)),
        ("add_executable(a a.cu)\nadd_executable(t t.cu)\nadd_test(NAME t COMMAND t --all)", ("a",)),
        ("add_executable(a a.cu)\nadd_executable(t t.cu)\nadd_test(NAME x COMMAND $<TARGET_FILE:t>)", ("a",)),
        ("add_executable(a a.cu)\nadd_executable(t t.cu)\ngtest_discover_tests(t)", ("a",)),
        ("add_executable(a a.cu)\nif(BUILD_TESTING)\n  add_executable(t t.cu)\nendif()\nadd_executable(b b.cu)", ("a", "b")),
        ("if(BUILD_TESTING)\n  if(X)\n    set(Y 1)\n  endif()\n  add_executable(t t.cu)\nendif()\nadd_executable(b b.cu)", ("b",)),
    ],
)  # fmt: skip
def test_programs_are_those_with_a_literal_name_that_are_no_tests(text, programs):
    assert cmakelists.programs(text) == programs


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("project(demo LANGUAGES CXX CUDA)", True),
        ("project(demo CUDA)", True),
        ("project(demo)\nif(GPU)\n  enable_language(CUDA)\nendif()", True),
        ("project(demo LANGUAGES CXX)\n# enable_language(CUDA)", False),
        ('project(demo DESCRIPTION "no CUDA here" LANGUAGES C)', False),
        ("message(CUDA)", False),
    ],
)
def test_cuda_is_seen_where_it_is_a_language(text, uses):
    assert cmakelists.uses_cuda(text) == uses
