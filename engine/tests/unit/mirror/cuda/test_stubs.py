"""The library that stands in for the driver's when programs are linked."""

from __future__ import annotations

import io

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from buildkit_engine.mirror.cuda import stubs

HEADER = """\
#define cuMemAlloc cuMemAlloc_v2
    #define cuStreamSynchronize __CUDA_API_PTSZ(cuStreamSynchronize)
#define CUDA_VERSION 13020
typedef CUresult (CUDAAPI *CUpfn)(int);
CUresult CUDAAPI cuInit(unsigned int Flags);
CUresult CUDAAPI cuMemAlloc(CUdeviceptr *dptr, size_t bytesize);
CUresult CUDAAPI
cuStreamSynchronize (CUstream hStream);
"""
NAMES = (
    "cuInit",
    "cuMemAlloc",
    "cuMemAlloc_v2",
    "cuStreamSynchronize",
    "cuStreamSynchronize_ptsz",
)


def test_functions_are_known_by_all_the_names_that_the_header_gives_them():
    assert stubs.functions(HEADER) == NAMES


@pytest.mark.parametrize(("machine", "expected"), [("amd64", "EM_X86_64"), ("arm64", "EM_AARCH64")])
@pytest.mark.parametrize("names", [NAMES, NAMES[:1], ()])
def test_the_library_defines_them_under_the_drivers_name(machine, expected, names):
    elf = ELFFile(io.BytesIO(stubs.library(machine, names)))
    assert (elf["e_machine"], elf["e_type"]) == (expected, "ET_DYN")
    symbols = list(elf.get_section_by_name(".dynsym").iter_symbols())[1:]
    assert tuple(symbol.name for symbol in symbols) == names
    text = elf.get_section_by_name(".text")
    for symbol in symbols:
        assert symbol["st_info"] == {"bind": "STB_GLOBAL", "type": "STT_FUNC"}
        assert elf.get_section(symbol["st_shndx"]).name == ".text"
        assert symbol["st_value"] == text["sh_addr"]
    # there is nothing to be executed
    assert set(text.data()) == {0}
    [dynamic] = [each for each in elf.iter_sections() if isinstance(each, DynamicSection)]
    assert [tag.soname for tag in dynamic.iter_tags("DT_SONAME")] == ["libcuda.so.1"]
    assert list(dynamic.iter_tags("DT_NEEDED")) == []


def test_the_loader_finds_each_of_them_by_the_table_of_hashes():
    elf = ELFFile(io.BytesIO(stubs.library("amd64", NAMES)))
    table = elf.get_section_by_name(".hash")
    assert [table.get_symbol(name).name for name in NAMES] == list(NAMES)
    assert table.get_symbol("cuOther") is None
