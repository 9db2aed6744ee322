// A part of cuBLASLt (libcublasLt.so.12) on the emulated driver: products of column-major matrices in fp32, bf16, fp16 and
// fp8 into 32- and 16-bit floats, summed in fp32, with the epilogues for biases, GELU (tanh form) and their gradients.
//
// As strict as the library's documentation: sizes of attributes, combinations of types, what fp8 and the epilogues
// need, alignments and workspace that an algorithm was chosen for, device memory. Not supported: batches, other
// orders of storage, integer and double types, scales of C and D, 8-bit results, pointers to alpha and beta on the device.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace
{

enum Status : int { Success = 0, NotInitialized = 1, InvalidValue = 7, ArchMismatch = 8, ExecutionFailed = 13, NotSupported = 15 };
enum Type : int { F32 = 0, F16 = 2, BF16 = 14, E4M3 = 28, E5M2 = 29 };
enum Compute : int { Compute32F = 68, Compute32FTf32 = 77 };
enum Attribute : int { TransposeA = 3, TransposeB = 4, EpilogueKind = 7, BiasPointer = 8, AuxPointer = 11, AuxLeading = 12,
    ScaleAPointer = 17, ScaleBPointer = 18, FastAccumulation = 25, BiasType = 26 };
enum Epilogue : int { Default = 1, Bias = 4, BiasGradient = 16, Gelu = 32, GeluGradient = 64, Auxiliary = 128, BiasGradientA = 256, BiasGradientB = 512 };

struct Layout { int type; uint64_t rows, columns; int64_t leading; };

struct Description
{
    int compute = Compute32F, transpose_a = 0, transpose_b = 0, epilogue = Default;
    uintptr_t bias = 0, auxiliary = 0, scale_a = 0, scale_b = 0;
    int64_t auxiliary_leading = 0;
    int bias_type = -1;
};

struct Preference { uint64_t workspace = 0; uint32_t alignment[4] = { 256, 256, 256, 256 }; };

// cublasLtMatmulAlgo_t, which is opaque: the problem that it was chosen for.
struct Algorithm { uint64_t mark, problem, workspace, alignment; uint64_t unused[4]; };

struct Heuristic { Algorithm algorithm; size_t workspace; int status; float waves; int reserved[4]; };

constexpr uint64_t Mark = 0x656d756c61746564;
constexpr size_t Workspace = 1 << 16;

// ---- the driver beside this library ----

struct Driver
{
    int (*submit)(void*, int (*)(void*), void*, void (*)(void*));
    int (*is_device)(const void*, size_t);
    int (*fail)(int, const char*);
    int (*current)(void**);
    int (*capability)();
};

const Driver& driver()
{
    static const Driver made = []
    {
        Dl_info info;
        dladdr((void*)&driver, &info);
        std::string path = info.dli_fname;
        void* library = dlopen((path.substr(0, path.rfind('/') + 1) + "libcuda.so.1").c_str(), RTLD_NOW);
        Driver result;
        auto find = [&](auto& function, const char* name) { function = (std::decay_t<decltype(function)>)dlsym(library, name); };
        find(result.submit, "emulator_submit");
        find(result.is_device, "emulator_is_device");
        find(result.fail, "emulator_break");
        find(result.current, "cuCtxGetCurrent");
        find(result.capability, "emulator_capability");
        return result;
    }();
    return made;
}

// ---- numbers ----

size_t size_of(int type) { return type == F32 ? 4 : type == F16 || type == BF16 ? 2 : 1; }

bool is_fp8(int type) { return type == E4M3 || type == E5M2; }

float from_bits(uint32_t bits) { float value; std::memcpy(&value, &bits, 4); return value; }
uint32_t to_bits(float value) { uint32_t bits; std::memcpy(&bits, &value, 4); return bits; }

// A small float of these widths; `finite`: the highest exponent has numbers too, and one NaN (E4M3).
float decode(unsigned bits, int exponent_bits, int mantissa_bits, bool finite)
{
    int bias = (1 << (exponent_bits - 1)) - 1;
    unsigned mantissa = bits & ((1u << mantissa_bits) - 1), exponent = bits >> mantissa_bits & ((1u << exponent_bits) - 1);
    float sign = bits >> (exponent_bits + mantissa_bits) & 1 ? -1.0f : 1.0f;
    unsigned highest = (1u << exponent_bits) - 1;
    if (exponent == highest && (finite ? mantissa == (1u << mantissa_bits) - 1 : mantissa != 0))
        return NAN;
    if (exponent == highest && !finite)
        return sign * INFINITY;
    return exponent == 0 ? sign * std::ldexp((float)mantissa, 1 - bias - mantissa_bits)
        : sign * std::ldexp((float)(mantissa + (1u << mantissa_bits)), (int)exponent - bias - mantissa_bits);
}

float load(const void* from, int type, size_t index)
{
    switch (type)
    {
        case F32: return ((const float*)from)[index];
        case BF16: return from_bits((uint32_t)((const uint16_t*)from)[index] << 16);
        case F16: return decode(((const uint16_t*)from)[index], 5, 10, false);
        case E4M3: return decode(((const uint8_t*)from)[index], 4, 3, true);
        default: return decode(((const uint8_t*)from)[index], 5, 2, false);
    }
}

// Rounded to nearest, ties to even.
uint16_t to_f16(float value)
{
    uint16_t sign = (uint16_t)(to_bits(value) >> 16 & 0x8000);
    float magnitude = std::fabs(value);
    if (std::isnan(value))
        return 0x7fff;
    if (magnitude >= 65520)
        return sign | 0x7c00;
    int exponent = magnitude < std::ldexp(1.0f, -14) ? -14 : std::ilogb(magnitude);
    auto mantissa = (unsigned)std::nearbyint(std::ldexp(magnitude, 10 - exponent)); // 2^10 and more where it is normal
    return (uint16_t)(sign | (((unsigned)(exponent + 14) << 10) + mantissa));
}

uint16_t to_bf16(float value)
{
    uint32_t bits = to_bits(value);
    return std::isnan(value) ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void store(void* to, int type, size_t index, float value)
{
    if (type == F32)
        ((float*)to)[index] = value;
    else
        ((uint16_t*)to)[index] = type == BF16 ? to_bf16(value) : to_f16(value);
}

float to_tf32(float value) { return std::isfinite(value) ? from_bits((to_bits(value) + 0x1000) & ~0x1fffu) : value; }

constexpr float GeluScale = 0.7978845608f, GeluCube = 0.044715f; // sqrt(2 / pi)

float gelu(float x) { return 0.5f * x * (1 + std::tanh(GeluScale * (x + GeluCube * x * x * x))); }

float gelu_gradient(float x)
{
    float t = std::tanh(GeluScale * (x + GeluCube * x * x * x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * GeluScale * (1 + 3 * GeluCube * x * x);
}

// ---- a product ----

struct Product
{
    Description description;
    Layout a, b, c, d;
    const void* a_data;
    const void* b_data;
    const void* c_data;
    void* d_data;
    void* workspace;
    size_t workspace_bytes;
    float alpha, beta;

    uint64_t m() const { return d.rows; }
    uint64_t n() const { return d.columns; }
    uint64_t k() const { return description.transpose_a ? a.rows : a.columns; }
    bool has(int part) const { return description.epilogue & part; }

    // The vector's length is that of D's columns, or for the gradient of B's bias of its rows.
    uint64_t bias_count() const { return has(BiasGradientB) ? n() : m(); }
    int bias_type() const { return description.bias_type >= 0 ? description.bias_type : is_fp8(a.type) && d.type == F32 ? (int)BF16 : d.type; }
};

bool known_epilogue(int epilogue)
{
    switch (epilogue)
    {
        case Default: case Bias: case Gelu: case Gelu | Auxiliary: case Gelu | Bias: case Gelu | Auxiliary | Bias: case GeluGradient | Auxiliary:
        case GeluGradient | Auxiliary | BiasGradient: case BiasGradientA: case BiasGradientB:
            return true;
        default:
            return false;
    }
}

// The library's tables of supported types, and its notes on fp8 and epilogues.
Status check(const Product& p)
{
    auto& description = p.description;
    uint64_t b_columns = description.transpose_b ? p.b.rows : p.b.columns, b_rows = description.transpose_b ? p.b.columns : p.b.rows;
    uint64_t a_rows = description.transpose_a ? p.a.columns : p.a.rows;
    if (a_rows != p.m() || b_columns != p.n() || b_rows != p.k() || p.c.rows != p.m() || p.c.columns != p.n() || !p.m() || !p.n() || !p.k())
        return InvalidValue;
    for (auto* layout : { &p.a, &p.b, &p.c, &p.d })
        if (layout->leading < (int64_t)layout->rows)
            return InvalidValue;
    if (p.c.type != p.d.type || !known_epilogue(description.epilogue))
        return NotSupported;
    if (description.compute != Compute32F && !(description.compute == Compute32FTf32 && p.a.type == F32))
        return NotSupported;
    if (is_fp8(p.a.type) && is_fp8(p.b.type))
    {
        bool in_form = description.transpose_a && !description.transpose_b && (p.a.type == E4M3 || p.b.type == E4M3)
            && p.m() % 16 == 0 && p.k() % 16 == 0 && p.a.leading % 16 == 0 && p.b.leading % 16 == 0 && p.d.leading % 16 == 0
            && (p.d.type == F32 || p.d.type == BF16 || p.d.type == F16);
        if (!in_form || p.has(BiasGradientA | BiasGradientB | GeluGradient) || driver().capability() < 89)
            return NotSupported;
    }
    else if (p.a.type != p.b.type || is_fp8(p.a.type) || (p.d.type != p.a.type && p.d.type != F32) || description.scale_a || description.scale_b)
        return NotSupported;
    if (p.has(Auxiliary) && (!description.auxiliary || description.auxiliary_leading % 8 || description.auxiliary_leading < (int64_t)p.m()))
        return NotSupported;
    if ((p.has(Bias | BiasGradient | BiasGradientA | BiasGradientB)) && !description.bias)
        return NotSupported;
    if ((p.has(BiasGradientA) && description.transpose_a) || (p.has(BiasGradientB) && !description.transpose_b))
        return NotSupported;
    return Success;
}

uint64_t identify(const Product& p)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (uint64_t part : { p.m(), p.n(), p.k(), (uint64_t)p.a.type, (uint64_t)p.b.type, (uint64_t)p.d.type, (uint64_t)p.a.leading, (uint64_t)p.b.leading,
        (uint64_t)p.d.leading, (uint64_t)p.description.transpose_a, (uint64_t)p.description.transpose_b, (uint64_t)p.description.epilogue,
        (uint64_t)p.description.compute })
        hash = (hash ^ part) * 0x100000001b3;
    return hash;
}

// op(X)[i][j] as floats, row by row.
std::vector<float> operand(const void* data, const Layout& layout, bool transpose, bool tf32)
{
    uint64_t rows = transpose ? layout.columns : layout.rows, columns = transpose ? layout.rows : layout.columns;
    std::vector<float> values(rows * columns);
    for (uint64_t i = 0; i < rows; i++)
        for (uint64_t j = 0; j < columns; j++)
        {
            float value = load(data, layout.type, transpose ? j + i * (uint64_t)layout.leading : i + j * (uint64_t)layout.leading);
            values[i * columns + j] = tf32 ? to_tf32(value) : value;
        }
    return values;
}

size_t extent(const Layout& layout) { return ((layout.columns - 1) * (size_t)layout.leading + layout.rows) * size_of(layout.type); }

const char* outside(const Product& p)
{
    auto in = [](const void* address, size_t bytes) { return driver().is_device(address, bytes) != 0; };
    auto& description = p.description;
    size_t auxiliary = ((p.n() - 1) * (size_t)description.auxiliary_leading + p.m()) * size_of(p.d.type);
    return !in(p.a_data, extent(p.a)) ? "A" : !in(p.b_data, extent(p.b)) ? "B" : p.beta != 0 && !in(p.c_data, extent(p.c)) ? "C"
        : !in(p.d_data, extent(p.d)) ? "D" : !in(p.workspace, p.workspace_bytes) ? "the workspace"
        : description.bias && p.has(Bias | BiasGradient | BiasGradientA | BiasGradientB) && !in((void*)description.bias, p.bias_count() * size_of(p.bias_type())) ? "the bias"
        : p.has(Auxiliary) && !in((void*)description.auxiliary, auxiliary) ? "the auxiliary matrix"
        : description.scale_a && !in((void*)description.scale_a, 4) ? "the scale of A" : description.scale_b && !in((void*)description.scale_b, 4) ? "the scale of B"
        : nullptr;
}

int run(void* data)
{
    auto& p = *(Product*)data;
    if (auto* what = outside(p))
        return driver().fail(700, (std::string("cublasLtMatmul: ") + what + " is not wholly in memory of the device").c_str());
    std::memset(p.workspace, 0xff, Workspace); // so that sharing it shows

    auto& description = p.description;
    uint64_t m = p.m(), n = p.n(), k = p.k();
    bool tf32 = description.compute == Compute32FTf32;
    auto a = operand(p.a_data, p.a, description.transpose_a, tf32);  // [m, k]
    auto b = operand(p.b_data, p.b, !description.transpose_b, tf32); // [n, k]
    float scale = p.alpha * (description.scale_a ? *(const float*)description.scale_a : 1) * (description.scale_b ? *(const float*)description.scale_b : 1);

    std::vector<float> sums(m);
    std::vector<float> row_sums(m), at(m * k);
    for (uint64_t i = 0; i < m; i++)
        for (uint64_t l = 0; l < k; l++)
            at[l * m + i] = a[i * k + l];
    for (uint64_t j = 0; j < n; j++)
    {
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (uint64_t l = 0; l < k; l++)
            for (uint64_t i = 0; i < m; i++)
                sums[i] += at[l * m + i] * b[j * k + l];
        for (uint64_t i = 0; i < m; i++)
        {
            float x = scale * sums[i];
            if (p.beta != 0)
                x += p.beta * load(p.c_data, p.c.type, i + j * (uint64_t)p.c.leading);
            if (p.has(Bias))
                x += load((void*)description.bias, p.bias_type(), i);
            uint64_t in_auxiliary = i + j * (uint64_t)description.auxiliary_leading;
            if (p.has(Gelu))
            {
                if (p.has(Auxiliary))
                    store((void*)description.auxiliary, p.d.type, in_auxiliary, x);
                x = gelu(x);
            }
            else if (p.has(GeluGradient))
                x *= gelu_gradient(load((void*)description.auxiliary, p.d.type, in_auxiliary));
            row_sums[i] += x;
            store(p.d_data, p.d.type, i + j * (uint64_t)p.d.leading, x);
        }
    }
    auto sum_over_k = [&](const std::vector<float>& of, uint64_t count)
    {
        for (uint64_t i = 0; i < count; i++)
        {
            float sum = 0;
            for (uint64_t l = 0; l < k; l++)
                sum += of[i * k + l];
            store((void*)description.bias, p.bias_type(), i, sum);
        }
    };
    if (p.has(BiasGradient))
        for (uint64_t i = 0; i < m; i++)
            store((void*)description.bias, p.bias_type(), i, row_sums[i]);
    if (p.has(BiasGradientA))
        sum_over_k(a, m);
    if (p.has(BiasGradientB))
        sum_over_k(b, n);
    return 0;
}

template<class T> Status set(T& field, const void* value, size_t bytes)
{
    if (bytes != sizeof(T))
        return InvalidValue;
    std::memcpy(&field, value, bytes);
    return Success;
}

}

// ---- handle, version, status ----

EXPORT size_t cublasLtGetVersion() { return 120405; }

EXPORT const char* cublasLtGetStatusName(int status)
{
    switch (status)
    {
        case Success: return "CUBLAS_STATUS_SUCCESS";
        case NotInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case InvalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
        case ArchMismatch: return "CUBLAS_STATUS_ARCH_MISMATCH";
        case ExecutionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case NotSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "CUBLAS_STATUS_UNKNOWN";
    }
}

EXPORT Status cublasLtCreate(void** handle)
{
    void* context = nullptr;
    if (driver().current(&context) != 0 || !context)
        return NotInitialized;
    *handle = new int;
    return Success;
}

EXPORT Status cublasLtDestroy(void* handle)
{
    delete (int*)handle;
    return Success;
}

// ---- descriptions ----

EXPORT Status cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t columns, int64_t leading)
{
    *layout = new Layout { type, rows, columns, leading };
    return Success;
}

EXPORT Status cublasLtMatrixLayoutDestroy(Layout* layout)
{
    delete layout;
    return Success;
}

EXPORT Status cublasLtMatmulDescCreate(Description** description, int compute, int scale_type)
{
    if (scale_type != F32)
        return NotSupported;
    *description = new Description;
    (*description)->compute = compute;
    return Success;
}

EXPORT Status cublasLtMatmulDescDestroy(Description* description)
{
    delete description;
    return Success;
}

EXPORT Status cublasLtMatmulDescSetAttribute(Description* description, int attribute, const void* value, size_t bytes)
{
    switch (attribute)
    {
        case TransposeA: return set(description->transpose_a, value, bytes);
        case TransposeB: return set(description->transpose_b, value, bytes);
        case EpilogueKind: return set(description->epilogue, value, bytes);
        case BiasPointer: return set(description->bias, value, bytes);
        case AuxPointer: return set(description->auxiliary, value, bytes);
        case AuxLeading: return set(description->auxiliary_leading, value, bytes);
        case ScaleAPointer: return set(description->scale_a, value, bytes);
        case ScaleBPointer: return set(description->scale_b, value, bytes);
        case BiasType: return set(description->bias_type, value, bytes);
        case FastAccumulation: return bytes == 1 ? Success : InvalidValue; // sums are the same here
        default: return InvalidValue;
    }
}

EXPORT Status cublasLtMatmulPreferenceCreate(Preference** preference)
{
    *preference = new Preference;
    return Success;
}

EXPORT Status cublasLtMatmulPreferenceDestroy(Preference* preference)
{
    delete preference;
    return Success;
}

EXPORT Status cublasLtMatmulPreferenceSetAttribute(Preference* preference, int attribute, const void* value, size_t bytes)
{
    return attribute == 1 ? set(preference->workspace, value, bytes)
        : attribute >= 5 && attribute <= 8 ? set(preference->alignment[attribute - 5], value, bytes) : InvalidValue;
}

// ---- products ----

EXPORT Status cublasLtMatmulAlgoGetHeuristic(void* handle, Description* description, Layout* a, Layout* b, Layout* c, Layout* d,
    Preference* preference, int wanted, Heuristic* results, int* found)
{
    *found = 0;
    if (!handle || !description || !a || !b || !c || !d || !preference || wanted < 1)
        return InvalidValue;
    Product product { *description, *a, *b, *c, *d, nullptr, nullptr, nullptr, nullptr, nullptr, 0, 1, 0 };
    if (auto bad = check(product))
        return bad;
    bool aligned = !is_fp8(a->type) || std::all_of(std::begin(preference->alignment), std::end(preference->alignment), [](auto bytes) { return bytes >= 16; });
    if (!aligned || preference->workspace < Workspace)
        return NotSupported;
    uint64_t alignment = 0;
    for (int i = 0; i < 4; i++)
        alignment |= (uint64_t)preference->alignment[i] << 16 * i;
    results[0] = { { Mark, identify(product), Workspace, alignment, {} }, Workspace, Success, 1, {} };
    *found = 1;
    return Success;
}

EXPORT Status cublasLtMatmul(void* handle, Description* description, const float* alpha, const void* a, Layout* a_layout, const void* b, Layout* b_layout,
    const float* beta, const void* c, Layout* c_layout, void* d, Layout* d_layout, const Algorithm* algorithm, void* workspace, size_t workspace_bytes, void* stream)
{
    if (!handle || !description || !a || !b || !d || !alpha || !beta)
        return InvalidValue;
    auto product = std::make_unique<Product>(Product { *description, *a_layout, *b_layout, *c_layout, *d_layout, a, b, c, d, workspace, workspace_bytes, *alpha, *beta });
    if (auto bad = check(*product))
        return bad;
    if (algorithm)
    {
        if (algorithm->mark != Mark || algorithm->problem != identify(*product) || workspace_bytes < algorithm->workspace)
            return InvalidValue;
        const void* pointers[] = { a, b, c, d };
        for (int i = 0; i < 4; i++)
            if ((uintptr_t)pointers[i] % (algorithm->alignment >> 16 * i & 0xffff))
                return InvalidValue;
    }
    int result = driver().submit(stream, run, product.release(), [](void* data) { delete (Product*)data; });
    return result == 0 ? Success : ExecutionFailed;
}
