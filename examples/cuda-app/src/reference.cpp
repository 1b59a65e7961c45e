#include "reference.h"

#include <cstdlib>

void saxpy_reference(float a, const std::vector<float>& x, std::vector<float>& y) {
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = a * x[i] + y[i];
    }
}

Picture gradient(int width, int height) {
    Picture picture{width, height, {}};
    picture.pixels.reserve(static_cast<std::size_t>(width) * height * 3);
    for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
            picture.pixels.push_back(static_cast<unsigned char>(255 * column / (width - 1)));
            picture.pixels.push_back(static_cast<unsigned char>(255 * row / (height - 1)));
            picture.pixels.push_back(128);
        }
    }
    return picture;
}

double mean_difference(const Picture& one, const Picture& other) {
    if (one.width != other.width || one.height != other.height || one.pixels.empty()) {
        return 255;
    }
    double sum = 0;
    for (std::size_t i = 0; i < one.pixels.size(); ++i) {
        sum += std::abs(one.pixels[i] - other.pixels[i]);
    }
    return sum / static_cast<double>(one.pixels.size());
}
