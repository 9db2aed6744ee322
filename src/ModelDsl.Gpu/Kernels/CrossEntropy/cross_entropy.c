// Softmax cross-entropy over a row of logits, and its gradient in the same memory. A row is read in chunks of the group's
// width, each thread with a running maximum and a sum of exponentials relative to it (Milakov and Gimelshein, 2018), so
// the vocabulary has no limit. -DREAL_BF16: the logits are bf16.

// Adds x to a running maximum and sum; the shift is 0 while everything is -infinity, so that only NaN gives NaN.
DEVICE void add_exponential(float x, float shift, float* sum)
{
    *sum += EXP(x - shift);
}

// Four logits at once: one rescaling.
DEVICE void add_four(float4 x, float* maximum, float* sum)
{
    float top = FMAX(FMAX(x.x, x.y), FMAX(x.z, x.w));
    if (top > *maximum)
    {
        *sum *= EXP(*maximum - top);
        *maximum = top;
    }
    float shift = *maximum == -INFINITY ? 0 : *maximum;
    add_exponential(x.x, shift, sum);
    add_exponential(x.y, shift, sum);
    add_exponential(x.z, shift, sum);
    add_exponential(x.w, shift, sum);
}

DEVICE float4 gradient_of_four(float4 x, float maximum, float factor)
{
    x.x = EXP(x.x - maximum) * factor;
    x.y = EXP(x.y - maximum) * factor;
    x.z = EXP(x.z - maximum) * factor;
    x.w = EXP(x.w - maximum) * factor;
    return x;
}

// One logit, as add_four takes it: the others contribute nothing.
DEVICE float4 one_of_four(float x)
{
    float4 result;
    result.x = x;
    result.y = result.z = result.w = -INFINITY;
    return result;
}

// losses[row] = log sum exp(logits) - logits[target]; 0 where the target is negative. A target beyond the vocabulary gives
// NaN and sets the flag. With withGradient, logits = (softmax(logits) - onehot(target)) * scale[row * scaleStride], 0 where
// the target is negative.
KERNEL_BOUNDS(cross_entropy, 1024)(
    GLOBAL real* RESTRICT logits, int64 stride, int vocabulary, GLOBAL const int* RESTRICT targets,
    GLOBAL float* RESTRICT losses, int withGradient, GLOBAL const float* RESTRICT scale, int scaleStride,
    GLOBAL int* RESTRICT flag)
{
    SHARED float scratch[1024];
    GLOBAL real* row = logits + (int64)ROW * stride;
    int id = LOCAL_ID(0), size = GROUP_SIZE(0), target = targets[ROW];
    if (target < 0)
    {
        if (id == 0)
            losses[ROW] = 0;
        if (withGradient)
            for (int i = id; i < vocabulary; i += size)
                STORE_REAL(row, i, 0.0f);
        return;
    }

    // The row from its first aligned element on, four at a time; the elements before and after, one at a time.
    int width = 4 * (int)sizeof(real), head = (int)((width - ((int64)row & (width - 1))) & (width - 1)) / (int)sizeof(real);
    head = head < vocabulary ? head : vocabulary;
    int tail = head + ((vocabulary - head) & ~3);

    float maximum = -INFINITY, sum = 0;
    for (int i = id; i < head + (vocabulary - tail); i += size)
        add_four(one_of_four(LOAD_REAL(row, i < head ? i : i - head + tail)), &maximum, &sum);
    int place = head + 4 * id;
    for (; place + 4 * size < tail; place += 8 * size)
    {
        float4 x = LOAD4_REAL(row + head, place - head), y = LOAD4_REAL(row + head, place - head + 4 * size);
        add_four(x, &maximum, &sum);
        add_four(y, &maximum, &sum);
    }
    if (place < tail)
        add_four(LOAD4_REAL(row + head, place - head), &maximum, &sum);

    float top = GROUP_MAX(maximum, scratch);
    float total = GROUP_SUM(sum * EXP(maximum - top), scratch);
    bool known = target < vocabulary;
    float picked = known ? LOAD_REAL(row, target) : top;
    BARRIER(); // the target's logit is read before it is written over
    if (id == 0)
    {
        losses[ROW] = known ? (top - picked) + LOG(total) : AS_FLOAT(0x7fc00000u);
        if (!known)
            flag[0] = 1;
    }
    if (!withGradient)
        return;

    float rowScale = known ? scale[(int64)ROW * scaleStride] : AS_FLOAT(0x7fc00000u), factor = rowScale / total;
    for (int i = id; i < head + (vocabulary - tail); i += size)
    {
        int at = i < head ? i : i - head + tail;
        STORE_REAL(row, at, EXP(LOAD_REAL(row, at) - top) * factor);
    }
    for (int i = head + 4 * id; i < tail; i += 4 * size)
        STORE4_REAL(row + head, i - head, gradient_of_four(LOAD4_REAL(row + head, i - head), top, factor));
    BARRIER();
    if (id == 0 && known)
        STORE_REAL(row, target, (EXP(picked - top) / total - 1) * rowScale);
}

// One group: scale[0] = weight / the number of targets that are not negative, at least 1.
KERNEL_BOUNDS(mean_scale, 256)(GLOBAL const int* RESTRICT targets, int rows, float weight, GLOBAL float* RESTRICT scale)
{
    SHARED float scratch[256];
    int counted = 0;
    for (int i = LOCAL_ID(0); i < rows; i += 256)
        counted += targets[i] >= 0;
    float all = GROUP_SUM((float)counted, scratch);
    if (LOCAL_ID(0) == 0)
        scale[0] = weight / FMAX(all, 1.0f);
}

// One group: mean[0] = the sum of all losses, in a fixed order, times scale[0].
KERNEL_BOUNDS(mean_loss, 256)(GLOBAL const float* RESTRICT losses, int rows, GLOBAL const float* RESTRICT scale, GLOBAL float* RESTRICT mean)
{
    SHARED float scratch[256];
    float sum = 0;
    for (int i = LOCAL_ID(0); i < rows; i += 256)
        sum += losses[i];
    sum = GROUP_SUM(sum, scratch);
    if (LOCAL_ID(0) == 0)
        mean[0] = sum * scale[0];
}
