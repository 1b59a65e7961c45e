#include "gpu.h"

namespace {

__global__ void add_scaled(std::size_t count, float a, const float* x, float* y) {
    const std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < count) {
        y[i] = a * x[i] + y[i];
    }
}

}  // namespace

void saxpy(float a, const std::vector<float>& x, std::vector<float>& y) {
    const std::size_t count = y.size();
    Buffer<float> device_x(count), device_y(count);
    device_x.upload(x.data());
    device_y.upload(y.data());
    const unsigned threads = 256;
    const unsigned blocks = static_cast<unsigned>((count + threads - 1) / threads);
    add_scaled<<<blocks, threads>>>(count, a, device_x.data(), device_y.data());
    // a program without code for the GPU's sm fails here
    check(cudaGetLastError(), "starting the kernel");
    check(cudaDeviceSynchronize(), "running the kernel");
    device_y.download(y.data());
}
