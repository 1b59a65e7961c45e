// What is done on the GPU. Each function throws std::runtime_error with CUDA's own words.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "reference.h"

// There is no GPU, or no driver for one.
struct NoDevice : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Device {
    std::string name;
    int sm;  // 87 for compute capability 8.7
};

// The first GPU. Throws NoDevice where there is none that can be used.
Device device();

// y becomes a * x + y.
void saxpy(float a, const std::vector<float>& x, std::vector<float>& y);

struct Jpeg {
    std::vector<unsigned char> data;
    Picture decoded;
};

// The picture as a JPEG of the given quality, 1 to 100, and what is seen in that.
Jpeg jpeg_and_back(const Picture& picture, int quality);

// Throws unless `status` is success; `doing` says what was tried.
void check(cudaError_t status, const char* doing);

// Memory on the GPU for as long as it is in scope.
template <typename T>
class Buffer {
   public:
    explicit Buffer(std::size_t count) : bytes_(count * sizeof(T)) {
        check(cudaMalloc(reinterpret_cast<void**>(&data_), bytes_), "allocating memory");
    }
    ~Buffer() { cudaFree(data_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    T* data() { return data_; }
    void upload(const T* from) {
        check(cudaMemcpy(data_, from, bytes_, cudaMemcpyHostToDevice), "copying to the GPU");
    }
    void download(T* to) {
        check(cudaMemcpy(to, data_, bytes_, cudaMemcpyDeviceToHost), "copying from the GPU");
    }

   private:
    T* data_ = nullptr;
    std::size_t bytes_;
};
