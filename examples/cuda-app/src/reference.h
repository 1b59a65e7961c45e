// What the GPU is compared with, computed on the CPU. Nothing here needs CUDA.
#pragma once

#include <cstddef>
#include <vector>

// y becomes a * x + y. Both have the same length.
void saxpy_reference(float a, const std::vector<float>& x, std::vector<float>& y);

// A picture of three bytes a pixel, row by row.
struct Picture {
    int width;
    int height;
    std::vector<unsigned char> pixels;
};

// Red grows to the right, green downwards, blue is the same everywhere.
Picture gradient(int width, int height);

// How much the bytes of two pictures differ on average, from 0 to 255; 255 where sizes differ.
double mean_difference(const Picture& one, const Picture& other);
