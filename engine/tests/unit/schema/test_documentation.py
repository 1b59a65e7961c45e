"""What the client's docstrings say of the API's fields."""

from __future__ import annotations

from buildkit_engine.schema.documentation import documentation


def test_a_description_has_its_own_line_breaks_and_not_those_of_the_docstring():
    found = documentation()["Container", "export"]
    assert found.description == (
        "Writes the container as an OCI tarball to the destination file path on the host.\n"
        "\n"
        "It can also export platform variants."
    )


def test_arguments_are_described_by_the_apis_names():
    found = documentation()["Container", "publish"]
    assert found.arguments["platformVariants"] == (
        "Identifiers for other platform specific containers.\n\nUsed for multi-platform image."
    )


def test_defaults_are_those_of_the_client():
    assert documentation()["Directory", "withNewFile"].defaults == {"permissions": 0o644}
    assert documentation()["Container", "publish"].defaults["mediaTypes"] == "OCIMediaTypes"


def test_what_is_returned_or_raised_is_no_part_of_a_description():
    assert documentation()["File", "size"].description == (
        "Retrieves the size of the file, in bytes."
    )
