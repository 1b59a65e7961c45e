#pragma once

#include <string>
#include <string_view>

// Deflate, by the zlib of the system.
namespace packing {

// Throws std::runtime_error where zlib cannot.
std::string compress(std::string_view data);

// Throws std::runtime_error for what compress() has not made.
std::string expand(std::string_view data);

std::string library_version();

}  // namespace packing
