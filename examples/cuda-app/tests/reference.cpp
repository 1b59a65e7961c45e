// The CPU's side, with answers written out: it is what the GPU is compared with.
#include <cstdio>

#include "reference.h"

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "FAILED: %s\n", what);
        ++failures;
    }
}

}  // namespace

int main() {
    std::vector<float> y{10, 20, 30};
    saxpy_reference(2, {1, 2, 3}, y);
    expect(y == std::vector<float>{12, 24, 36}, "2 * x + y");

    const Picture picture = gradient(3, 2);
    expect(
        picture.pixels == std::vector<unsigned char>{
            0, 0, 128, 127, 0, 128, 255, 0, 128,
            0, 255, 128, 127, 255, 128, 255, 255, 128},
        "a gradient of 3 by 2 pixels");

    Picture other = picture;
    expect(mean_difference(picture, other) == 0, "a picture does not differ from itself");
    other.pixels[0] = 18;
    expect(mean_difference(picture, other) == 1, "18 in one of 18 bytes is 1 on average");
    expect(mean_difference(picture, gradient(2, 3)) == 255, "pictures of other sizes are another");
    return failures;
}
