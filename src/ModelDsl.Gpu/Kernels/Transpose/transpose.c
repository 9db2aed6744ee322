// Transposes of matrices of 1-, 2- or 4-byte elements (-DSIZE), through on-chip memory: whole 4-byte words in and out.
// A tile is 32 words wide and 32 words high in elements. Word w of tile row r is at (w + r / E) mod 32, E elements a
// word, so that the 32 threads that write a row, and the 32 that read a column, access 32 different banks.

#if SIZE == 4
typedef uint element;
#elif SIZE == 2
typedef ushort element;
#else
typedef uchar element;
#endif

#define E (4 / SIZE) // elements of a word
#define SIDE (32 * E) // elements of a tile along each side

#define AT(row, word) ((row) * 32 + (((word) + (row) / E) & 31))

// Elements [first, first + E) of a row of so many as one word, zeros beyond its end.
DEVICE uint read_word(GLOBAL const element* row, int first, int count, int aligned)
{
    if (aligned && first + E <= count)
        return *(GLOBAL const uint*)(row + first);
    uint word = 0;
    for (int i = 0; i < E; i++)
        if (first + i < count)
            word |= (uint)row[first + i] << (8 * SIZE * i);
    return word;
}

DEVICE void write_word(GLOBAL element* row, int first, int count, int aligned, uint word)
{
    if (aligned && first + E <= count)
    {
        *(GLOBAL uint*)(row + first) = word;
        return;
    }
    for (int i = 0; i < E; i++)
        if (first + i < count)
            row[first + i] = (element)(word >> (8 * SIZE * i));
}

// target[b][c][r] = source[b][r][c]. Strides are in elements. Groups of 32 x 8 threads: tiles across, then down, then
// matrices. aligned: every row of the source (of the target) begins at a whole word.
KERNEL_BOUNDS(transpose, 256)(
    GLOBAL const element* RESTRICT source, int64 sourceStride, int64 sourceMatrix, int sourceAligned,
    GLOBAL element* RESTRICT target, int64 targetStride, int64 targetMatrix, int targetAligned, int rows, int columns)
{
    SHARED uint tile[SIDE * 32];
    int across = (columns + SIDE - 1) / SIDE, down = (rows + SIDE - 1) / SIDE;
    int firstColumn = GROUP_ID(0) % across * SIDE, firstRow = GROUP_ID(0) / across % down * SIDE;
    int64 matrix = GROUP_ID(0) / across / down;
    source += matrix * sourceMatrix;
    target += matrix * targetMatrix;

    int lane = LOCAL_ID(0);
    for (int r = LOCAL_ID(1); r < SIDE && firstRow + r < rows; r += 8)
        tile[AT(r, lane)] = read_word(source + (firstRow + r) * sourceStride, firstColumn + lane * E, columns, sourceAligned);
    BARRIER();

    // E words of one column of words, from E rows below each other, are E words of E rows of the result.
    for (int w = LOCAL_ID(1); w < 32; w += 8)
    {
        uint in[E];
        for (int i = 0; i < E; i++)
            in[i] = tile[AT(lane * E + i, w)];
        for (int j = 0; j < E; j++)
        {
            int column = firstColumn + w * E + j;
            uint out = 0;
            for (int i = 0; i < E; i++)
                out |= (uint)(element)(in[i] >> (8 * SIZE * j)) << (8 * SIZE * i);
            if (column < columns && firstRow + lane * E < rows)
                write_word(target + column * targetStride, firstRow + lane * E, rows, targetAligned, out);
        }
    }
}
