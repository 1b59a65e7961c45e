#include "packing.hpp"

#include <stdexcept>
#include <zlib.h>

namespace packing {
namespace {

const Bytef *bytes(std::string_view data) { return reinterpret_cast<const Bytef *>(data.data()); }

}  // namespace

std::string compress(std::string_view data) {
  uLongf size = compressBound(data.size());
  std::string packed(size, '\0');
  const int status = ::compress(reinterpret_cast<Bytef *>(packed.data()), &size, bytes(data), data.size());
  if (status != Z_OK) {
    throw std::runtime_error(std::string("cannot compress: ") + zError(status));
  }
  packed.resize(size);
  return packed;
}

std::string expand(std::string_view data) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) {
    throw std::runtime_error("cannot expand: zlib does not start");
  }
  stream.next_in = const_cast<Bytef *>(bytes(data));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string text;
  char part[16384];
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef *>(part);
    stream.avail_out = sizeof part;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(part, sizeof part - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) {
    throw std::runtime_error(std::string("cannot expand: ") + zError(status));
  }
  return text;
}

std::string library_version() { return zlibVersion(); }

}  // namespace packing
