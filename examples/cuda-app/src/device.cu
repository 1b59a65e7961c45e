#include "gpu.h"

void check(cudaError_t status, const char* doing) {
    if (status != cudaSuccess) {
        throw std::runtime_error(std::string(doing) + ": " + cudaGetErrorString(status));
    }
}

Device device() {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess || count == 0) {
        throw NoDevice(status == cudaSuccess ? "the driver knows none" : cudaGetErrorString(status));
    }
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, 0), "asking for the GPU's properties");
    return {properties.name, 10 * properties.major + properties.minor};
}
