"""CUDA for other pipelines: what a caller says goes over what pipeline.toml says."""

from __future__ import annotations

import pytest

from pipeline import jetsons
from pipeline.cuda_options import CudaOptions
from pipeline.errors import ConfigError

CUDA = CudaOptions(jetpack="7.2", libraries=("cublas",), mirror="https://mirror.example.com")


@pytest.mark.parametrize(
    ("asked", "jetpack", "libraries"),
    [
        (jetsons.Asked(), "7.2", ("cublas",)),
        (jetsons.Asked("6.2"), "6.2", ("cublas",)),
        (jetsons.Asked(libraries=["cufft", "npp"]), "7.2", ("cufft", "npp")),
        (jetsons.Asked("orin", []), "orin", ()),
    ],
)
def test_what_is_asked_goes_over_the_file(asked, jetpack, libraries):
    found = asked.over(CUDA)
    assert (found.jetpack, found.libraries, found.mirror) == (jetpack, libraries, CUDA.mirror)


def test_a_library_that_the_jetpack_has_not_is_refused():
    with pytest.raises(ConfigError) as raised:
        jetsons.Asked("7.2", ["nvgraph"]).over(CudaOptions()).target()
    assert str(raised.value) == (
        "Library 'nvgraph' is not in CUDA 13.2 of JetPack 7.2 (L4T r39.2) (it is in 10.2): expected "
        "one of cudart, cublas, cufft, curand, cusolver, cusparse, npp, nvrtc, nvjpeg, nvjitlink, "
        "cudnn, tensorrt"
    )


def test_the_table_has_a_line_for_every_release():
    assert [line.split()[0] for line in jetsons.table().splitlines()[:2]] == ["JETPACK", "4.4-dp,"]
