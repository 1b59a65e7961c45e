// Computes on the GPU what the CPU can check: 0 where both agree, 1 where not, 77 without a GPU.
#include <cstdio>

#include "gpu.h"

namespace {

const int WRONG = 1;
const int NO_DEVICE = 77;

bool saxpy_agrees() {
    const float a = 2;
    std::vector<float> x(1 << 20), y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        // small whole numbers: results are exact, fused or not
        x[i] = static_cast<float>(i % 1000);
        y[i] = static_cast<float>(i % 7);
    }
    std::vector<float> expected = y;
    saxpy_reference(a, x, expected);
    saxpy(a, x, y);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        wrong += y[i] != expected[i];
    }
    std::printf("saxpy: %zu of %zu values as on the CPU\n", y.size() - wrong, y.size());
    return wrong == 0;
}

bool jpeg_agrees() {
    const double most = 4;
    const Picture picture = gradient(256, 128);
    const Jpeg jpeg = jpeg_and_back(picture, 90);
    const double difference = mean_difference(picture, jpeg.decoded);
    std::printf(
        "nvJPEG: %zu bytes as a JPEG of %zu, which differs by %.2f of 255 (at most %.0f)\n",
        picture.pixels.size(), jpeg.data.size(), difference, most);
    return difference <= most;
}

}  // namespace

int main() {
    try {
        const Device found = device();
        std::printf("GPU: %s (sm_%d)\n", found.name.c_str(), found.sm);
        const bool both = saxpy_agrees() & jpeg_agrees();
        std::puts(both ? "all as expected" : "NOT as expected");
        return both ? 0 : WRONG;
    } catch (const NoDevice& error) {
        std::fprintf(
            stderr,
            "cuda-app: no GPU that can be used: %s\n"
            "On a Jetson, run the container with --runtime nvidia; on a server, with --gpus all.\n",
            error.what());
        return NO_DEVICE;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cuda-app: %s\n", error.what());
        return WRONG;
    }
}
