"""The model of a Dockerfile: stages, what they run on, lines."""

from __future__ import annotations

import pytest

from pipeline.lint.dockerfile import InvalidDockerfileError, RunsOn, parse


@pytest.mark.parametrize(
    ("flag", "runs_on"),
    [
        ("", RunsOn.TARGET),
        ("--platform=$TARGETPLATFORM", RunsOn.TARGET),
        ("--platform=${TARGETOS}/${TARGETARCH}", RunsOn.TARGET),
        ("--platform=$BUILDPLATFORM", RunsOn.BUILD),
        ("--platform=${BUILDPLATFORM:-linux/amd64}", RunsOn.BUILD),
        ("--platform=linux/${BUILDARCH}", RunsOn.BUILD),
        ("--platform=linux/amd64", RunsOn.CONSTANT),
        ("--platform=$PLATFORM", RunsOn.UNKNOWN),
        ("--platform=$BUILDOS/$TARGETARCH", RunsOn.UNKNOWN),
    ],
)
def test_a_stage_runs_on_the_platform_of_its_flag(flag, runs_on):
    assert parse(f"FROM {flag} debian").final.runs_on is runs_on


def test_a_stage_made_from_another_runs_where_that_one_does():
    parsed = parse("FROM --platform=$BUILDPLATFORM golang AS a\nFROM --platform=linux/arm64 A AS b")
    assert parsed.final.runs_on is RunsOn.BUILD
    assert [s.name for s in parsed.final.chain] == ["b", "a"]
    assert parsed.final.images == ["golang"]


@pytest.mark.parametrize(
    ("image", "parents"),
    [
        ("app-$TARGETARCH", ["app-amd64", "app-arm64"]),
        ("app-${TARGETARCH}", ["app-amd64", "app-arm64"]),
        ("app-$WHICH", ["app-version"]),
        ("app-$UNSET", []),
        ("$UNSET", []),
        ("registry/app-amd64", []),
    ],
)
def test_an_argument_chooses_among_earlier_stages(image, parents):
    stages = "".join(f"FROM x AS app-{name}\n" for name in ("amd64", "arm64", "version"))
    parsed = parse(f'ARG WHICH="version"\n{stages}FROM {image}')
    assert [s.name for s in parsed.final.parents] == parents


def test_a_choice_among_stages_of_two_kinds_runs_on_the_target_only_without_the_build_host():
    stages = "FROM --platform=linux/amd64 x AS a-amd64\nFROM {} y AS a-arm64\nFROM a-$TARGETARCH"
    assert parse(stages.format("")).final.runs_on is RunsOn.TARGET
    mixed = parse(stages.format("--platform=$BUILDPLATFORM"))
    assert mixed.final.runs_on is RunsOn.UNKNOWN


def test_stages_that_the_final_one_does_not_need_are_not_built():
    parsed = parse(
        "FROM a AS base\nFROM base AS one\nFROM b AS two\nFROM c AS unused\nFROM d AS three\n"
        "FROM e\nCOPY --from=one / /\nRUN --mount=type=bind,from=two,target=/x ls\n"
        "COPY --from=4 / /\nCOPY --from=registry/image / /\n"
    )
    assert {s.name for s in parsed.built} == {"", "base", "one", "two", "three"}


def test_a_text_keeps_the_lines_it_was_joined_from():
    parsed = parse("FROM a\nRUN one && \\\n  # a comment\n\n  two && \\\n  three\nCMD x\n")
    run, cmd = parsed.final.instructions
    assert (run.line, run.end_line, cmd.line) == (2, 6, 7)
    assert [(c.name, c.line) for c, _ in run.script.walk()] == [
        ("one", 2),
        ("two", 5),
        ("three", 6),
    ]


def test_a_backtick_continues_lines_where_the_directive_says_so():
    parsed = parse("# escape=`\nFROM a\nRUN one && `\n  two\n")
    [run] = parsed.final.instructions
    assert [(c.name, c.line) for c, _ in run.script.walk()] == [("one", 3), ("two", 4)]


@pytest.mark.parametrize(
    ("header", "body", "names"),
    [
        ("<<EOF", "a\nb", ["a", "b"]),
        ("bash -eux <<EOF", "a", ["bash", "a"]),
        ("<<EOF", "#!/usr/bin/env bash\na", ["a"]),
        ("<<EOF", "#!/usr/bin/env python3\nimport a", []),
        ("python3 <<EOF", "import a", ["python3"]),
        ("cat <<EOF > /script", "a", ["cat"]),
        ("cat <<EOF > /script", "$(a)", ["cat", "a"]),
        ("cat <<'EOF' > /script", "$(a)", ["cat"]),
        ("true && sh <<EOF", "a", ["true", "sh", "a"]),
    ],
)
def test_a_here_document_is_a_script_where_a_shell_runs_it(header, body, names):
    [run] = parse(f"FROM a\nRUN {header}\n{body}\nEOF\n").final.instructions
    assert [c.name for c, _ in run.script.walk() if c.name] == names


def test_the_commands_of_several_here_documents_have_their_lines():
    text = "FROM a\nRUN cat <<A > $(x) && \\\n  sh <<B\n$(a)\nA\nb\nd $(c)\nB\n"
    [run] = parse(text).final.instructions
    found = dict.fromkeys((c.name, c.line) for c, _ in run.script.walk())
    assert list(found) == [
        *[("cat", 2), ("x", 2), ("a", 4)],
        *[("sh", 3), ("c", 7), ("b", 6), ("d", 7)],
    ]


def test_the_lines_of_several_here_documents_are_counted():
    parsed = parse("FROM a\nCOPY <<A <<B /x/\n1\n2\nA\n3\nB\n")
    [copy] = parsed.final.instructions
    assert [(h.text.line_at(0), h.text.text) for h in copy.heredocs] == [(3, "1\n2\n"), (6, "3\n")]


def test_a_shell_of_another_family_is_not_read_and_is_inherited():
    parsed = parse('FROM a AS one\nSHELL ["pwsh", "-c"]\nFROM one\nRUN go build\n')
    assert parsed.final.instructions[0].script.commands == []
    parsed = parse('FROM a\nSHELL ["/bin/bash", "-ec"]\nRUN go build\n')
    assert parsed.final.instructions[1].script.commands[0].argv == ("go", "build")


def test_onbuild_holds_an_instruction():
    [instruction] = parse("FROM a\nONBUILD COPY --from=b /x /y\n").final.instructions
    assert (instruction.name, instruction.is_on_build) == ("COPY", True)
    assert instruction.flag("from") == "b"


def test_a_stage_begins_with_what_the_one_that_it_is_made_from_puts_off():
    parsed = parse(
        "FROM a AS one\nONBUILD RUN x\nFROM one AS two\nRUN y\nFROM two AS three\nRUN z\n"
    )
    assert [[(i.line, i.is_triggered) for i in stage.runs] for stage in parsed.stages] == [
        [],
        [(2, True), (4, False)],
        [(6, False)],
    ]


def test_stages_are_taken_from_by_copies_and_mounts():
    parsed = parse(
        "FROM a AS one\nFROM b\nCOPY --from=ONE /x /\nCOPY --from=other /x /\n"
        "RUN --mount=from=0,target=/x ls\nONBUILD COPY --from=one /x /\n"
    )
    taken = parsed.takers(parsed.stages[0])
    assert [(stage.image, i.name, i.line) for stage, i in taken] == [
        ("b", "COPY", 3),
        ("b", "RUN", 5),
    ]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "there is no FROM in it", 1),
        ("FROM a\nONBUILD\n", "ONBUILD holds no instruction", 2),
        ("FROM a\nONBUILD NOTHING x\n", "unknown instruction: NOTHING", 2),
        ("FROM\n", "'FROM' is no FROM: expected FROM IMAGE, or FROM IMAGE AS NAME", 1),
        ("# escape=x\nFROM a\n", "invalid escape token 'x' does not match ` or \\", 1),
    ],
)
def test_what_buildkit_refuses_is_invalid(text, message, line):
    with pytest.raises(InvalidDockerfileError) as raised:
        parse(text)
    assert (str(raised.value), raised.value.line) == (message, line)
