from bench.progress import step_seconds

PROGRESS = """\
#9 [linux/amd64->arm64 build 2/6] WORKDIR /src
#9 CACHED

#12 [linux/amd64->arm64 build 4/6] RUN --mount=type=cache,target=/go/pkg/mod go mod download
#12 DONE 1.5s

#14 [linux/amd64->arm64 build 6/6] RUN GOOS=linux go build -o /out/ ./cmd/server
#14 12.31 internal/api
#14 DONE 21.4s
"""


def test_a_step_is_found_by_its_command():
    assert step_seconds(PROGRESS, "go build") == 21.4
    assert step_seconds(PROGRESS, "go mod download") == 1.5


def test_a_step_from_the_cache_or_that_is_not_there_took_no_time():
    assert step_seconds(PROGRESS, "WORKDIR") is None
    assert step_seconds(PROGRESS, "go test") is None


def test_of_several_steps_none_is_taken_for_the_one():
    assert step_seconds(PROGRESS, "go ") is None
