// The gradient of an embedding: rows summed by id, in an order that depends only on the ids. The tokens are sorted
// by id (stable, least significant digit first), cut into chunks of equal length, and runs of one id are summed in
// their order: inside a chunk at once, those that cross chunks by their parts. So an id that repeats thousands of times
// is summed by many groups. -DREAL_BF16: the gradients are bf16; the table's gradient is fp32.

#define TILE 1024 // ids that one group sorts
#define CHUNK 64 // tokens that one group sums

// keys[i] = ids[i], or limit for an id outside [0, limit), which sets the flag; positions[i] = i.
KERNEL_BOUNDS(begin_sort, 256)(
    GLOBAL const int* RESTRICT ids, int count, int limit, GLOBAL int* RESTRICT keys, GLOBAL int* RESTRICT positions,
    GLOBAL int* RESTRICT flag)
{
    int64 i = ELEMENT;
    if (i >= count)
        return;
    bool known = ids[i] >= 0 && ids[i] < limit;
    keys[i] = known ? ids[i] : limit;
    positions[i] = (int)i;
    if (!known)
        flag[0] = 1;
}

// places[digit * tiles + tile] = how often the digit at shift occurs in a tile; thread d counts digit d.
KERNEL_BOUNDS(count_digits, 256)(GLOBAL const int* RESTRICT keys, int count, int shift, GLOBAL int* RESTRICT places)
{
    SHARED int digits[TILE];
    for (int i = LOCAL_ID(0); i < TILE; i += 256)
    {
        int64 place = (int64)ROW * TILE + i;
        digits[i] = place < count ? (keys[place] >> shift) & 255 : -1;
    }
    BARRIER();
    int found = 0;
    for (int i = 0; i < TILE; i++)
        found += digits[i] == LOCAL_ID(0);
    places[LOCAL_ID(0) * GROUPS(0) + ROW] = found;
}

// One group: every element becomes the sum of those before it.
KERNEL_BOUNDS(sum_in_front, 256)(GLOBAL int* RESTRICT places, int count)
{
    SHARED int sums[256];
    int part = (count + 255) / 256, begin = LOCAL_ID(0) * part, end = begin + part < count ? begin + part : count;
    int sum = 0;
    for (int i = begin; i < end; i++)
        sum += places[i];
    sums[LOCAL_ID(0)] = sum;
    BARRIER();
    for (int distance = 1; distance < 256; distance *= 2)
    {
        int before = LOCAL_ID(0) >= distance ? sums[LOCAL_ID(0) - distance] : 0;
        BARRIER();
        sums[LOCAL_ID(0)] += before;
        BARRIER();
    }
    int running = sums[LOCAL_ID(0)] - sum;
    for (int i = begin; i < end; i++)
    {
        int own = places[i];
        places[i] = running;
        running += own;
    }
}

// Moves the keys and positions of a tile to their places, those of one digit in their order.
KERNEL_BOUNDS(move_digits, 256)(
    GLOBAL const int* RESTRICT keys, GLOBAL const int* RESTRICT positions, int count, int shift,
    GLOBAL const int* RESTRICT places, GLOBAL int* RESTRICT movedKeys, GLOBAL int* RESTRICT movedPositions)
{
    SHARED int key[TILE];
    SHARED int position[TILE];
    int n = count - ROW * TILE < TILE ? count - ROW * TILE : TILE;
    for (int i = LOCAL_ID(0); i < n; i += 256)
    {
        key[i] = keys[(int64)ROW * TILE + i];
        position[i] = positions[(int64)ROW * TILE + i];
    }
    BARRIER();
    int to = places[LOCAL_ID(0) * GROUPS(0) + ROW];
    for (int i = 0; i < n; i++)
        if (((key[i] >> shift) & 255) == LOCAL_ID(0))
        {
            movedKeys[to] = key[i];
            movedPositions[to] = position[i];
            to++;
        }
}

// One group per chunk and 256 columns. Adds the runs inside the chunk to the table; parts of runs that continue
// from the previous chunk, and into the next, are left in partials[2 * chunk] and [2 * chunk + 1].
KERNEL_BOUNDS(add_chunks, 256)(
    GLOBAL const int* RESTRICT keys, GLOBAL const int* RESTRICT positions, int count, int limit,
    GLOBAL const real* RESTRICT gradient, int width, GLOBAL float* RESTRICT table, GLOBAL float* RESTRICT partials)
{
    SHARED int key[CHUNK + 2]; // key[i + 1] of token i; the neighbours' on both sides
    SHARED int position[CHUNK];
    int blocks = (width + 255) / 256, chunk = ROW / blocks, column = ROW % blocks * 256 + LOCAL_ID(0);
    int begin = chunk * CHUNK, n = count - begin < CHUNK ? count - begin : CHUNK;
    for (int i = LOCAL_ID(0); i < CHUNK + 2; i += 256)
        key[i] = begin + i >= 1 && begin + i - 1 < count && i <= n + 1 ? keys[begin + i - 1] : -1;
    for (int i = LOCAL_ID(0); i < CHUNK; i += 256)
        position[i] = positions[begin + (i < n ? i : 0)];
    BARRIER();
    if (column >= width)
        return;

    float sum = 0;
    bool inside = key[1] != key[0]; // the run began in this chunk
    for (int first = 0; first < n; first += 8)
    {
        float value[8]; // eight loads under way at once
#pragma unroll
        for (int j = 0; j < 8; j++)
            value[j] = first + j < n ? LOAD_REAL(gradient, (int64)position[first + j] * width + column) : 0;
#pragma unroll
        for (int j = 0; j < 8; j++)
        {
            int i = first + j;
            if (i >= n)
                break;
            int id = key[i + 1];
            sum += value[j];
            if (i + 1 < n && key[i + 2] == id)
                continue;
            bool ends = key[i + 2] != id;
            if (inside && ends)
            {
                if (id != limit)
                    table[(int64)id * width + column] += sum;
            }
            else
                partials[(2 * (int64)chunk + (inside ? 1 : 0)) * width + column] = sum;
            sum = 0;
            inside = true;
        }
    }
}

// One group per chunk and 256 columns: if a run begins in the chunk and continues past it, adds up its parts.
KERNEL_BOUNDS(add_across, 256)(
    GLOBAL const int* RESTRICT keys, int count, int limit, int width, GLOBAL float* RESTRICT table,
    GLOBAL const float* RESTRICT partials)
{
    int blocks = (width + 255) / 256, chunk = ROW / blocks, column = ROW % blocks * 256 + LOCAL_ID(0);
    int begin = chunk * CHUNK, end = begin + CHUNK;
    if (column >= width || end >= count)
        return;
    int id = keys[end - 1];
    if (keys[end] != id || id == limit || (begin > 0 && keys[begin - 1] == id))
        return;

    // The chunks from the next on that begin with this id: keys are sorted, so they are neighbours.
    int last = chunk + 1, beyond = (count + CHUNK - 1) / CHUNK;
    while (last + 1 < beyond)
    {
        int middle = (last + beyond) / 2;
        if (keys[middle * CHUNK] == id)
            last = middle;
        else
            beyond = middle;
    }
    float sum = partials[(2 * (int64)chunk + 1) * width + column];
#pragma unroll 8
    for (int part = chunk + 1; part <= last; part++)
        sum += partials[2 * (int64)part * width + column];
    table[(int64)id * width + column] += sum;
}
