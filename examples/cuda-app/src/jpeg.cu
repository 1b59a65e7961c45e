#include <nvjpeg.h>

#include "gpu.h"

namespace {

void check_jpeg(nvjpegStatus_t status, const char* doing) {
    if (status != NVJPEG_STATUS_SUCCESS) {
        throw std::runtime_error(std::string(doing) + ": nvJPEG status " + std::to_string(status));
    }
}

// What nvJPEG needs to encode and decode, for as long as it is in scope.
struct Codec {
    nvjpegHandle_t handle = nullptr;
    nvjpegJpegState_t decoder = nullptr;
    nvjpegEncoderState_t encoder = nullptr;
    nvjpegEncoderParams_t parameters = nullptr;

    Codec() {
        check_jpeg(nvjpegCreateSimple(&handle), "starting nvJPEG");
        check_jpeg(nvjpegJpegStateCreate(handle, &decoder), "making a decoder");
        check_jpeg(nvjpegEncoderStateCreate(handle, &encoder, nullptr), "making an encoder");
        check_jpeg(nvjpegEncoderParamsCreate(handle, &parameters, nullptr), "making an encoder");
    }
    ~Codec() {
        nvjpegEncoderParamsDestroy(parameters);
        nvjpegEncoderStateDestroy(encoder);
        nvjpegJpegStateDestroy(decoder);
        nvjpegDestroy(handle);
    }
    Codec(const Codec&) = delete;
    Codec& operator=(const Codec&) = delete;
};

nvjpegImage_t image(Buffer<unsigned char>& pixels, int width) {
    nvjpegImage_t found = {};
    found.channel[0] = pixels.data();
    found.pitch[0] = static_cast<std::size_t>(width) * 3;
    return found;
}

}  // namespace

Jpeg jpeg_and_back(const Picture& picture, int quality) {
    Codec codec;
    Buffer<unsigned char> pixels(picture.pixels.size());
    pixels.upload(picture.pixels.data());
    nvjpegImage_t source = image(pixels, picture.width);
    check_jpeg(nvjpegEncoderParamsSetQuality(codec.parameters, quality, nullptr), "setting the quality");
    check_jpeg(
        nvjpegEncoderParamsSetSamplingFactors(codec.parameters, NVJPEG_CSS_444, nullptr),
        "setting the sampling");
    check_jpeg(
        nvjpegEncodeImage(
            codec.handle, codec.encoder, codec.parameters, &source, NVJPEG_INPUT_RGBI,
            picture.width, picture.height, nullptr),
        "encoding");
    std::size_t length = 0;
    check_jpeg(
        nvjpegEncodeRetrieveBitstream(codec.handle, codec.encoder, nullptr, &length, nullptr),
        "asking for the JPEG's size");
    Jpeg jpeg{std::vector<unsigned char>(length), {picture.width, picture.height, {}}};
    check_jpeg(
        nvjpegEncodeRetrieveBitstream(
            codec.handle, codec.encoder, jpeg.data.data(), &length, nullptr),
        "taking the JPEG");
    check(cudaStreamSynchronize(nullptr), "waiting for the JPEG");

    Buffer<unsigned char> seen(picture.pixels.size());
    nvjpegImage_t target = image(seen, picture.width);
    check_jpeg(
        nvjpegDecode(
            codec.handle, codec.decoder, jpeg.data.data(), length, NVJPEG_OUTPUT_RGBI, &target,
            nullptr),
        "decoding");
    check(cudaStreamSynchronize(nullptr), "waiting for the picture");
    jpeg.decoded.pixels.resize(picture.pixels.size());
    seen.download(jpeg.decoded.pixels.data());
    return jpeg;
}
