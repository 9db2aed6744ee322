// The emulated NVRTC (libnvrtc.so.12): g++ compiles the source against device.h, and ptx.h and ptx_hopper.h beside this
// library stand in for headers of these names. The "cubin" (and the "PTX") is a shared object for the emulated driver.
//
// Two passes: the preprocessor leaves __global__ and __launch_bounds__ in the text; the kernels are found by them, a
// launch thunk is appended for each, and the rest is compiled, so that line numbers are the source's. Results are cached in
// a folder under a hash of all inputs. Not supported: name expressions, templates of kernels,
// NVVM and LTO code. For ptxas -v it prints lines of the right form with invented figures.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace
{

namespace fs = std::filesystem;

enum Result : int { Success = 0, InvalidInput = 3, InvalidProgram = 4, InvalidOption = 5, Compilation = 6, Internal = 11 };

struct Program
{
    std::string source, name;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string log, image;
    bool real_architecture = false;
};

struct Kernel { std::string name, bounds; };

const char* const OwnHeaders[] = { "runtime.h", "device.h", "ptx.h", "ptx_hopper.h" };

fs::path own_folder()
{
    Dl_info info;
    dladdr((void*)&own_folder, &info);
    return fs::absolute(info.dli_fname).parent_path();
}

std::string read(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(file), {} };
}

void write(const fs::path& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

std::string hash(const std::vector<std::string>& texts)
{
    uint64_t first = 0xcbf29ce484222325, second = 0x9ae16a3b2f90404f;
    for (auto& text : texts)
    {
        for (unsigned char c : text)
        {
            first = (first ^ c) * 0x100000001b3;
            second = (second ^ c) * 0x9ddfea08eb382d69 + (second >> 29);
        }
        first = (first ^ 0x100) * 0x100000001b3;
        second = (second ^ text.size()) * 0x9ddfea08eb382d69;
    }
    char name[40];
    snprintf(name, sizeof name, "%016lx%016lx", first, second);
    return name;
}

std::string quote(const std::string& word)
{
    std::string quoted = "'";
    for (char c : word)
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

// Returns the exit status, and the output.
int run(const std::string& command, std::string& output)
{
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe)
        return -1;
    char buffer[4096];
    while (size_t count = fread(buffer, 1, sizeof buffer, pipe))
        output.append(buffer, count);
    return pclose(pipe);
}

// "adamw.c:12:5: error: text" as NVRTC puts it: "adamw.c(12): error: text".
std::string nvrtc_style(const std::string& output)
{
    static const std::regex place(R"(^([^\s:][^:\n]*):(\d+):(?:\d+:)? (?:fatal )?(error|warning|note): )");
    std::istringstream lines(output);
    std::string result;
    for (std::string line; std::getline(lines, line);)
        result += std::regex_replace(line, place, "$1($2): $3: ") + "\n";
    return result;
}

// ---- options ----

struct Options
{
    std::vector<std::string> defines;
    int architecture = 52;
    char suffix = 0;
    bool real = false, verbose = false;
};

bool parse(const std::vector<std::string>& words, Options& options, std::string& log)
{
    static const char* const Ignored[] = { "--std=", "-std=", "--use_fast_math", "-use_fast_math", "--fmad=", "-fmad=", "--ftz=", "-ftz=",
        "--prec-div=", "--prec-sqrt=", "-default-device", "--device-as-default-execution-space", "-lineinfo", "--generate-line-info",
        "--extra-device-vectorization", "-I", "--include-path=", "--maxrregcount=", "--restrict", "--minimal", "--no-cache", "-dopt=",
        "--dopt=", "--device-int128", "--split-compile=", "-w", "--disable-warnings", "--diag-suppress=", "-diag-suppress=" };
    auto starts = [](const std::string& word, const char* prefix) { return word.rfind(prefix, 0) == 0; };
    for (size_t i = 0; i < words.size(); i++)
    {
        auto& word = words[i];
        std::smatch match;
        static const std::regex arch(R"(^--?(?:gpu-architecture|arch)=(sm|compute)_(\d+)([a-z]?)$)");
        if (std::regex_match(word, match, arch))
        {
            options.real = match[1] == "sm";
            options.architecture = std::stoi(match[2]);
            options.suffix = match[3].length() ? match[3].str()[0] : (char)0;
            if (options.architecture < 50 || options.architecture > 90)
            {
                log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
                return false;
            }
        }
        else if (starts(word, "--define-macro="))
            options.defines.push_back(word.substr(15));
        else if (word == "-D" && i + 1 < words.size())
            options.defines.push_back(words[++i]);
        else if (starts(word, "-D"))
            options.defines.push_back(word.substr(2));
        else if (starts(word, "--ptxas-options") || starts(word, "-Xptxas"))
            options.verbose |= word.find("-v") != std::string::npos;
        else if (bool known = false; true)
        {
            for (auto* prefix : Ignored)
                known |= starts(word, prefix);
            if (!known)
            {
                log = "nvrtc: error: unrecognized option " + word + "\n";
                return false;
            }
        }
    }
    return true;
}

// ---- kernels ----

bool is_word(char c) { return std::isalnum((unsigned char)c) || c == '_'; }

// Replaces __global__ and __launch_bounds__(...) by spaces, and returns the kernels that they marked.
std::vector<Kernel> take_kernels(std::string& text)
{
    static const std::string Mark = "__global__", Bounds = "__launch_bounds__";
    std::vector<Kernel> kernels;
    for (size_t at = 0; (at = text.find(Mark, at)) != std::string::npos;)
    {
        if ((at && is_word(text[at - 1])) || is_word(text[at + Mark.size()]))
        {
            at += Mark.size();
            continue;
        }
        text.replace(at, Mark.size(), Mark.size(), ' ');
        Kernel kernel { "", "0" };
        size_t i = at;
        while (i < text.size() && text[i] != '{' && text[i] != ';')
        {
            if (!is_word(text[i]))
            {
                if (text[i] == '(')
                    break; // the parameters
                i++;
                continue;
            }
            size_t end = i;
            while (is_word(text[end]))
                end++;
            std::string word = text.substr(i, end - i);
            if (word == Bounds || word == "__attribute__")
            {
                size_t open = text.find('(', end), close = open + 1, comma = 0;
                for (int depth = 1; depth > 0; close++)
                {
                    depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
                    if (depth == 1 && text[close] == ',' && !comma)
                        comma = close;
                }
                if (word == Bounds)
                {
                    kernel.bounds = text.substr(open + 1, (comma ? comma : close - 1) - open - 1);
                    for (size_t j = i; j < close; j++)
                        if (text[j] != '\n')
                            text[j] = ' ';
                }
                end = close;
            }
            else
                kernel.name = word;
            i = end;
        }
        bool known = false;
        for (auto& other : kernels)
            known |= other.name == kernel.name;
        if (!known && kernel.name != "void")
            kernels.push_back(kernel);
    }
    return kernels;
}

// ---- compiling ----

std::string flatten(std::string text)
{
    for (char& c : text)
        if (c == '\n')
            c = ' ';
    return text;
}

// The emulator's headers come before the macros of the options, which may have any names.
std::string prologue(const Program& program, const Options& options)
{
    std::string text = "#include \"device.h\"\n";
    for (auto* header : { "ptx.h", "ptx_hopper.h" })
        if (program.source.find("\"" + std::string(header) + "\"") != std::string::npos)
            text += "#include \"" + std::string(header) + "\"\n";
    for (auto& define : options.defines)
    {
        size_t equals = define.find('=');
        text += "#define " + (equals == std::string::npos ? define + " 1" : define.substr(0, equals) + " " + define.substr(equals + 1)) + "\n";
    }
    return text + "#line 1 \"" + program.name + "\"\n";
}

bool compile(Program& program, const Options& options, const fs::path& folder)
{
    auto own = own_folder();
    for (auto* header : OwnHeaders)
        write(folder / header, read(own / header));
    for (auto& [name, text] : program.headers)
    {
        bool replaced = false;
        for (auto* header : OwnHeaders)
            replaced |= name == header;
        if (!replaced)
        {
            fs::create_directories((folder / name).parent_path());
            write(folder / name, text);
        }
    }
    write(folder / "source.cpp", prologue(program, options) + program.source);

    std::string in_folder = "cd " + quote(folder) + " && LC_ALL=C g++ -std=c++17 -fno-diagnostics-show-caret -fdiagnostics-color=never ";
    std::string preprocess = in_folder + "-E -nostdinc -I. -D__CUDACC__ -D__CUDACC_RTC__ -D__NVCC__ -D__CUDACC_VER_MAJOR__=12 -D__CUDA_ARCH__="
        + std::to_string(options.architecture * 10);
    if (options.suffix == 'a')
        preprocess += " -D__CUDA_ARCH_FEAT_SM" + std::to_string(options.architecture) + "_ALL";
    std::string output;
    if (run(preprocess + " source.cpp -o source.ii", output) != 0)
    {
        program.log = nvrtc_style(output);
        return false;
    }

    std::string text = read(folder / "source.ii");
    auto kernels = take_kernels(text);
    std::string thunks = "\n# 1 \"launch-thunks\"\nextern \"C\" {\n", info;
    for (auto& kernel : kernels)
    {
        thunks += "extern const emulator::Kernel emulator_kernel_" + kernel.name + " __attribute__((visibility(\"default\")));\nconst emulator::Kernel emulator_kernel_"
            + kernel.name + " = emulator::describe<" + kernel.name + ">(" + flatten(kernel.bounds) + ");\n";
        info += "ptxas info    : Compiling entry function '" + kernel.name + "' for 'sm_" + std::to_string(options.architecture)
            + (options.suffix ? std::string(1, options.suffix) : "") + "'\nptxas info    : Function properties for " + kernel.name
            + "\n    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\nptxas info    : Used 32 registers, used 1 barriers, 384 bytes cmem[0]\n";
    }
    thunks += "extern const int emulator_architecture __attribute__((visibility(\"default\")));\nconst int emulator_architecture = "
        + std::to_string(options.suffix == 'a' ? -options.architecture : options.architecture) + ";\n}\n";
    write(folder / "source.ii", text + thunks);

    output.clear();
    std::string build = in_folder + "-O1 -march=native -fno-strict-aliasing -fno-exceptions -fno-rtti -ffp-contract=off -fno-gnu-unique -w "
        "-fno-stack-protector -fvisibility=hidden -fPIC -shared -Wl,-z,defs -x c++-cpp-output source.ii -o image.so -lm";
    int status = run(build, output);
    program.log = nvrtc_style(output);
    if (status != 0)
        return false;
    if (options.verbose)
        program.log += info;
    program.image = read(folder / "image.so");
    return true;
}

fs::path cache_folder()
{
    fs::path folder = fs::temp_directory_path() / ("modeldsl-cuda-emulator-" + std::to_string(getuid()));
    fs::create_directories(folder);
    return folder;
}

// Under another name first: several processes may compile the same source concurrently.
void keep(const fs::path& path, const std::string& text)
{
    fs::path partial = path.string() + "." + std::to_string(getpid());
    write(partial, text);
    fs::rename(partial, path);
}

std::string machine()
{
    std::string output;
    run("g++ -march=native -Q --help=target | grep -- '-march=  '; g++ --version", output);
    return output;
}

}

EXPORT Result nvrtcVersion(int* major, int* minor)
{
    *major = 12;
    *minor = 4;
    return Success;
}

namespace { const int architectures[] = { 50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90 }; }

EXPORT Result nvrtcGetNumSupportedArchs(int* count)
{
    *count = sizeof architectures / sizeof *architectures;
    return Success;
}

EXPORT Result nvrtcGetSupportedArchs(int* list)
{
    std::memcpy(list, architectures, sizeof architectures);
    return Success;
}

EXPORT const char* nvrtcGetErrorString(int code)
{
    switch (code)
    {
        case Success: return "NVRTC_SUCCESS";
        case InvalidInput: return "NVRTC_ERROR_INVALID_INPUT";
        case InvalidProgram: return "NVRTC_ERROR_INVALID_PROGRAM";
        case InvalidOption: return "NVRTC_ERROR_INVALID_OPTION";
        case Compilation: return "NVRTC_ERROR_COMPILATION";
        case Internal: return "NVRTC_ERROR_INTERNAL_ERROR";
        default: return "NVRTC_ERROR unknown";
    }
}

EXPORT Result nvrtcCreateProgram(Program** handle, const char* source, const char* name, int headers, const char* const* texts, const char* const* names)
{
    if (!handle || !source)
        return InvalidInput;
    auto* program = new Program;
    program->source = source;
    program->name = name && *name ? name : "default_program";
    for (int i = 0; i < headers; i++)
        program->headers.emplace_back(names[i], texts[i]);
    *handle = program;
    return Success;
}

EXPORT Result nvrtcDestroyProgram(Program** handle)
{
    if (!handle || !*handle)
        return InvalidProgram;
    delete *handle;
    *handle = nullptr;
    return Success;
}

EXPORT Result nvrtcCompileProgram(Program* program, int count, const char* const* words)
{
    if (!program)
        return InvalidProgram;
    std::vector<std::string> option_words(words, words + count);
    Options options;
    program->log.clear();
    program->image.clear();
    if (!parse(option_words, options, program->log))
        return InvalidOption;
    program->real_architecture = options.real;

    static const std::string here = machine();
    std::vector<std::string> texts { here, program->source, program->name };
    for (auto* header : OwnHeaders)
        texts.push_back(read(own_folder() / header));
    texts.push_back(read(own_folder() / "libnvrtc.so.12"));
    for (auto& [name, text] : program->headers)
        texts.insert(texts.end(), { name, text });
    texts.insert(texts.end(), option_words.begin(), option_words.end());
    fs::path kept = cache_folder() / hash(texts);
    if (fs::exists(kept.string() + ".so"))
    {
        program->image = read(kept.string() + ".so");
        program->log = read(kept.string() + ".log");
        return Success;
    }

    std::string pattern = (cache_folder() / "compile-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        return Internal;
    bool done = compile(*program, options, pattern);
    fs::remove_all(pattern);
    if (!done)
        return Compilation;
    keep(kept.string() + ".log", program->log);
    keep(kept.string() + ".so", program->image);
    return Success;
}

EXPORT Result nvrtcGetProgramLogSize(Program* program, size_t* bytes)
{
    if (!program)
        return InvalidProgram;
    *bytes = program->log.size() + 1;
    return Success;
}

EXPORT Result nvrtcGetProgramLog(Program* program, char* log)
{
    if (!program)
        return InvalidProgram;
    std::memcpy(log, program->log.c_str(), program->log.size() + 1);
    return Success;
}

// As NVRTC: no cubin for a virtual architecture.
EXPORT Result nvrtcGetCUBINSize(Program* program, size_t* bytes)
{
    if (!program)
        return InvalidProgram;
    *bytes = program->real_architecture ? program->image.size() : 0;
    return Success;
}

EXPORT Result nvrtcGetCUBIN(Program* program, char* image)
{
    if (!program)
        return InvalidProgram;
    if (program->real_architecture)
        std::memcpy(image, program->image.data(), program->image.size());
    return Success;
}

EXPORT Result nvrtcGetPTXSize(Program* program, size_t* bytes)
{
    if (!program)
        return InvalidProgram;
    *bytes = program->image.size();
    return Success;
}

EXPORT Result nvrtcGetPTX(Program* program, char* image)
{
    if (!program)
        return InvalidProgram;
    std::memcpy(image, program->image.data(), program->image.size());
    return Success;
}
