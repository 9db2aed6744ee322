// CUDA's own figures for kernel launches and graphs: answers each line on standard input with a line of JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime.h>

static void check(cudaError_t error)
{
    if (error == cudaSuccess)
        return;
    printf("{\"error\": \"%s\"}\n", cudaGetErrorString(error));
    fflush(stdout);
    exit(1);
}

__global__ void empty(float *x, int count) {}

__global__ void scale(float *x, int count)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
        x[i] *= 1.0001f;
}

static double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int count, char **arguments)
{
    const int Elements = 1024, Kernels = 300, Launches = 500, Replays = 50;
    check(cudaSetDevice(count > 1 ? atoi(arguments[1]) : 0));
    float *x;
    check(cudaMalloc(&x, Elements * sizeof(float)));
    check(cudaMemset(x, 0, Elements * sizeof(float)));
    cudaStream_t stream;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    cudaEvent_t begin, end;
    check(cudaEventCreate(&begin));
    check(cudaEventCreate(&end));

    cudaGraph_t graph;
    cudaGraphExec_t executable;
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    for (int i = 0; i < Kernels; i++)
        scale<<<Elements / 256, 256, 0, stream>>>(x, Elements);
    check(cudaStreamEndCapture(stream, &graph));
    check(cudaGraphInstantiate(&executable, graph, 0));
    check(cudaGraphLaunch(executable, stream));
    for (int i = 0; i < Launches; i++)
        empty<<<1, 1, 0, stream>>>(x, Elements);
    check(cudaStreamSynchronize(stream));

    int version;
    check(cudaRuntimeGetVersion(&version));
    printf("{\"cuda\": \"%d\"}\n", version);
    fflush(stdout);

    char line[4096];
    while (fgets(line, sizeof line, stdin))
    {
        double seconds = 0;
        if (strstr(line, "\"launch\""))
        {
            double started = now();
            for (int i = 0; i < Launches; i++)
                empty<<<1, 1, 0, stream>>>(x, Elements);
            seconds = (now() - started) / Launches;
            check(cudaStreamSynchronize(stream));
        }
        else
        {
            float milliseconds;
            check(cudaEventRecord(begin, stream));
            for (int i = 0; i < Replays; i++)
                check(cudaGraphLaunch(executable, stream));
            check(cudaEventRecord(end, stream));
            check(cudaEventSynchronize(end));
            check(cudaEventElapsedTime(&milliseconds, begin, end));
            seconds = milliseconds * 1e-3 / Replays;
        }
        printf("{\"seconds\": %.9g}\n", seconds);
        fflush(stdout);
    }
}
