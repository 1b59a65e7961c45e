#include "packing.hpp"

#include <iostream>
#include <stdexcept>
#include <string>

namespace {

int failures = 0;

void check(bool holds, const char *what) {
  if (!holds) {
    std::cerr << "failed: " << what << '\n';
    ++failures;
  }
}

bool refused(const std::string &data) {
  try {
    packing::expand(data);
  } catch (const std::runtime_error &) {
    return true;
  }
  return false;
}

}  // namespace

int main() {
  const std::string text(100000, 'x');
  const std::string packed = packing::compress(text);
  check(packed.size() < 200, "what repeats itself is made small");
  check(packing::expand(packed) == text, "what was compressed is expanded to what it was");
  check(packing::expand(packing::compress("")).empty(), "nothing stays nothing");
  check(refused("no deflate"), "other data is refused");
  check(refused(packed.substr(0, packed.size() / 2)), "half of it is refused");
  return failures == 0 ? 0 : 1;
}
