// Rows of a table by ids. -DUNIT=16, 4 or 2: bytes of one access.

#if UNIT == 16
typedef float4 unit;
#elif UNIT == 4
typedef uint unit;
#else
typedef ushort unit;
#endif

// All bits set: NaN in every float type.
DEVICE unit not_a_number(void)
{
#if UNIT == 16
    float4 bits;
    bits.x = bits.y = bits.z = bits.w = AS_FLOAT(0xffffffffu);
    return bits;
#else
    return (unit)0xffffffffu;
#endif
}

// output[row] = table[ids[row]]; one group per row of so many units. An id outside [0, limit) gives a row of NaN and
// sets the flag.
KERNEL_BOUNDS(embedding_gather, 256)(
    GLOBAL const int* RESTRICT ids, int limit, GLOBAL const unit* RESTRICT table, GLOBAL unit* RESTRICT output, int units,
    GLOBAL int* RESTRICT flag)
{
    int id = ids[ROW];
    bool known = id >= 0 && id < limit;
    GLOBAL const unit* from = table + (known ? (int64)id * units : 0);
    GLOBAL unit* to = output + (int64)ROW * units;
    for (int i = LOCAL_ID(0); i < units; i += GROUP_SIZE(0))
        to[i] = known ? from[i] : not_a_number();
    if (!known && LOCAL_ID(0) == 0)
        flag[0] = 1;
}
