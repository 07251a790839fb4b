// The matrix product for one instruction set; included once for each, with these defined:
//   LANES   floats in a vector
//   ROWS    rows of a tile, so that ROWS * 3 accumulators, 3 vectors and a broadcast fit the registers
//   TARGET  the attribute that lets the compiler use the instruction set
//   NAME(x) the name of x for it
//
// result[m, n] = or += left[m, k] right[k, n]. Panels of 3 * LANES columns of `right` are packed,
// DEPTH rows at a time, into memory that stays in the first-level cache; tiles of the result are
// kept in registers while a panel is walked down (Goto and van de Geijn 2008,
// doi:10.1145/1356052.1356053). `left` is read where it lies: each of its numbers is broadcast once
// for 3 vectors.
//
// Each element of the result is summed over k in rising order, DEPTH at a time, whatever m and n
// are: a row's numbers do not depend on which rows stand beside it.

typedef float NAME(vector) __attribute__((vector_size(LANES * 4)));
typedef float NAME(loose) __attribute__((vector_size(LANES * 4), aligned(4)));

// Packs `columns` <= 3 * LANES columns of `depth` rows, padded with zeros to whole vectors.
TARGET static void NAME(pack)(size_t depth, size_t columns, const float *restrict right,
                              size_t row_step, size_t column_step, float *restrict packed) {
  const size_t width = (columns + LANES - 1) / LANES * LANES;
  if (column_step == 1) {
    for (size_t p = 0; p < depth; p++) {
      const float *source = right + p * row_step;
      float *row = packed + p * width;
      size_t j = 0;
      for (; j + LANES <= columns; j += LANES)
        *(NAME(loose) *)(row + j) = *(const NAME(loose) *)(source + j);
      for (; j < width; j++) row[j] = j < columns ? source[j] : 0.0f;
    }
    return;
  }
  // Columns lie one after another: 4 by 4 blocks are turned round in registers.
  typedef float four __attribute__((vector_size(16), aligned(4)));
  size_t j = 0;
  for (; j + 4 <= columns; j += 4) {
    const float *source = right + j * column_step;
    size_t p = 0;
    for (; row_step == 1 && p + 4 <= depth; p += 4) {
      const four a = *(const four *)(source + p), b = *(const four *)(source + column_step + p);
      const four c = *(const four *)(source + 2 * column_step + p);
      const four d = *(const four *)(source + 3 * column_step + p);
      const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const four ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const four gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      float *row = packed + p * width + j;
      *(four *)row = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      *(four *)(row + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      *(four *)(row + 2 * width) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
      *(four *)(row + 3 * width) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
    }
    for (; p < depth; p++)
      for (size_t i = 0; i < 4; i++) packed[p * width + j + i] = source[i * column_step + p * row_step];
  }
  for (; j < width; j++)
    for (size_t p = 0; p < depth; p++)
      packed[p * width + j] = j < columns ? right[j * column_step + p * row_step] : 0.0f;
}

// One tile of `rows` rows and `vectors` vectors, both known where this is inlined.
TARGET INLINE void NAME(tile)(const size_t rows, const size_t vectors, size_t depth, size_t columns,
                              const float *restrict left, size_t row_step, size_t column_step,
                              const float *restrict right, size_t right_step,
                              float *restrict result, size_t result_step, int accumulate) {
  NAME(vector) sums[ROWS][3];
  for (size_t i = 0; i < rows; i++)
    for (size_t v = 0; v < vectors; v++) sums[i][v] = (NAME(vector)){0};
  for (size_t p = 0; p < depth; p++) {
    NAME(vector) row[3];
    for (size_t v = 0; v < vectors; v++)
      row[v] = *(const NAME(loose) *)(right + p * right_step + v * LANES);
    for (size_t i = 0; i < rows; i++) {
      const float factor = left[i * row_step + p * column_step];
      for (size_t v = 0; v < vectors; v++) sums[i][v] += factor * row[v];
    }
  }
  for (size_t i = 0; i < rows; i++)
    for (size_t v = 0; v < vectors; v++) {
      float *place = result + i * result_step + v * LANES;
      if ((v + 1) * LANES <= columns) {
        NAME(loose) *whole = (NAME(loose) *)place;
        *whole = accumulate ? *whole + sums[i][v] : sums[i][v];
      } else {
        for (size_t j = 0; v * LANES + j < columns; j++)
          place[j] = accumulate ? place[j] + sums[i][v][j] : sums[i][v][j];
      }
    }
}

// All rows of one packed panel. `contiguous` says that the left factor's columns are adjacent.
TARGET INLINE void NAME(panel)(const size_t vectors, const int contiguous, size_t m, size_t depth,
                               size_t columns, const float *left, size_t row_step,
                               size_t column_step, const float *right, size_t right_step,
                               float *result, size_t result_step, int accumulate) {
  size_t i = 0;
  if (!contiguous && column_step >= FAR_STEP) {
    // Each column lies in a page of its own, at the same place of the cache: a line of it is
    // fetched once, for all the rows it holds.
    float line[DEPTH * LINE] __attribute__((aligned(64)));
    for (; i + LINE <= m; i += LINE) {
      for (size_t p = 0; p < depth; p++)
        __builtin_memcpy(line + p * LINE, left + i + p * column_step, LINE * sizeof(float));
      for (size_t r = 0; r < LINE; r += ROWS)
        NAME(tile)(ROWS, vectors, depth, columns, line + r, 1, LINE, right, right_step,
                   result + (i + r) * result_step, result_step, accumulate);
    }
  }
#define TILES(rows)                                                                               \
  for (; i + rows <= m; i += rows)                                                                \
    NAME(tile)(rows, vectors, depth, columns, left + i * row_step, contiguous ? row_step : 1,    \
               contiguous ? 1 : column_step, right, right_step, result + i * result_step,        \
               result_step, accumulate);
  TILES(ROWS)
#if ROWS > 4
  TILES(4)
#endif
  TILES(2)
  TILES(1)
#undef TILES
}

TARGET static void NAME(product)(size_t m, size_t n, size_t k, const float *left,
                                 size_t left_row_step, size_t left_column_step,
                                 const float *right, size_t right_row_step,
                                 size_t right_column_step, float *result, size_t result_step,
                                 int accumulate) {
  float packed[DEPTH * 3 * LANES] __attribute__((aligned(64)));
  const int contiguous = left_column_step == 1;
  for (size_t p = 0; p < k; p += DEPTH) {
    const size_t depth = k - p < DEPTH ? k - p : DEPTH;
    const int adds = accumulate || p > 0;
    for (size_t j = 0; j < n; j += 3 * LANES) {
      const size_t columns = n - j < 3 * LANES ? n - j : 3 * LANES;
      const float *part = right + p * right_row_step + j * right_column_step;
      size_t part_step = right_row_step;
      if (m > UNPACKED_ROWS || right_column_step != 1 || columns % LANES != 0) {
        NAME(pack)(depth, columns, part, right_row_step, right_column_step, packed);
        part = packed;
        part_step = (columns + LANES - 1) / LANES * LANES;
      }
#define PANEL(vectors, contiguous)                                                               \
  NAME(panel)(vectors, contiguous, m, depth, columns, left + p * left_column_step,               \
              left_row_step, left_column_step, part, part_step, result + j, result_step, adds)
      if (columns > 2 * LANES) {
        if (contiguous) PANEL(3, 1); else PANEL(3, 0);
      } else if (columns > LANES) {
        if (contiguous) PANEL(2, 1); else PANEL(2, 0);
      } else {
        if (contiguous) PANEL(1, 1); else PANEL(1, 0);
      }
#undef PANEL
    }
  }
}
