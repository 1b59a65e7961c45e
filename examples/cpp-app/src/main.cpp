// Compresses standard input, or expands it with -d; --version tells what it is.
#include "packing.hpp"

#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <sys/utsname.h>

namespace {

int tell() {
  utsname system{};
  uname(&system);
  std::cout << "cpp-app " << APP_VERSION << ", zlib " << packing::library_version() << ", "
            << system.machine << '\n';
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  const std::string option = argc > 1 ? argv[1] : "";
  if (option == "--version") {
    return tell();
  }
  if (argc > 2 || (!option.empty() && option != "-d")) {
    std::cerr << "usage: cpp-app [-d | --version] < INPUT > OUTPUT\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  try {
    std::cout << (option.empty() ? packing::compress(input) : packing::expand(input));
  } catch (const std::exception &error) {
    std::cerr << "cpp-app: " << error.what() << '\n';
    return 1;
  }
  return std::cout.flush() ? 0 : 1;
}
