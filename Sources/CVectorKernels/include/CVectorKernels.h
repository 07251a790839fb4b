// Vector kernels over contiguous float arrays, compiled for several instruction sets; the loader
// picks the best one this machine has. All matrices are row-major. None of them allocates, and
// each gives the same bits for the same input on the same machine.
#ifndef C_VECTOR_KERNELS_H
#define C_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// The floats in a vector of the widest kernels this machine can run: 16, 8 or 4.
int CVectorKernels_vector_width(void);

// result[i, j] = or += sum over p of left[i, p] right[p, j], for i < m, j < n, p < k; an element
// [i, j] of a factor lies at i * row_step + j * column_step, and one of the two steps is 1; the
// result's columns are adjacent. Nothing may overlap the result. Sums run over p in rising order,
// 256 at a time, so that a row does not depend on the others; with vectors of 4 floats products are
// rounded before they are added. `width` is at most what CVectorKernels_vector_width says.
void CVectorKernels_matrix_product(size_t m, size_t n, size_t k, const float *left,
                                   size_t left_row_step, size_t left_column_step,
                                   const float *right, size_t right_row_step,
                                   size_t right_column_step, float *result, size_t result_step,
                                   int accumulate, int width);

// The most scores of CVectorKernels_best.
enum { CVectorKernels_ranking_limit = 64 };
// Writes the indexes of the largest scores, best first and at most `limit`, and returns how many
// they are. Ties go to the lower index; what is no number or minus infinity is never picked. Every
// score is compared with every other, without a branch: that beats sorting while they are few.
size_t CVectorKernels_best(size_t count, const float *scores, size_t limit, uint32_t *indexes);

// destination[i] = exp(source[i]), within 2 units in the last place; 0 below -87.3, the largest
// finite result above 88.3. A source that is no number gives none.
void CVectorKernels_exp(size_t count, const float *source, float *destination);
// destination[i] = 1 / (1 + exp(-source[i])), absolute error below 2e-7.
void CVectorKernels_sigmoid(size_t count, const float *source, float *destination);
// destination[i] = tanh(source[i]), absolute error below 3e-7.
void CVectorKernels_tanh(size_t count, const float *source, float *destination);
// gradient[i] *= 1 - output[i]^2, where output was made by tanh.
void CVectorKernels_tanh_backward(size_t count, const float *output, float *gradient);

// destination[i] += source[i]
void CVectorKernels_add(size_t count, const float *source, float *destination);
// destination[i] += factor * source[i]
void CVectorKernels_add_scaled(size_t count, float factor, const float *source, float *destination);
// destination[j] += sum over rows of source[row * stride + j]
void CVectorKernels_column_sums(size_t rows, size_t columns, size_t stride, const float *source,
                                float *destination);
// destination[j] += sum over the named rows of table[index * width + j]
void CVectorKernels_gather_rows(size_t width, size_t count, const uint32_t *indexes,
                                const float *table, float *destination);
// table[index * width + j] += source[j] for each of the named rows
void CVectorKernels_scatter_rows(size_t width, size_t count, const uint32_t *indexes,
                                 const float *source, float *table);

// destination[i] = source[i] * scale, or 0 where a hash of the key and i lies below the threshold
// (a share of 2^32). The same key gives the same choice, so that the way back needs no mask.
void CVectorKernels_dropout(size_t count, uint64_t key, uint32_t threshold, float scale,
                            const float *source, float *destination);

// One step of a gated recurrent unit (Cho et al. 2014, in the form with the reset gate behind the
// recurrent product). On entry gates[row] = [x_n, a_r, a_z, h_n], each `units` wide: input part of
// the candidate, summed pre-activations of the reset and update gates, recurrent part of the
// candidate. On return gates[row] = [n, r, z, h_n] and state = (1 - z) n + z previous.
void CVectorKernels_gru_forward(size_t rows, size_t units, float *gates, const float *previous,
                                float *state);
// The way back. On entry gates as the way forth left them; on return gates[row] =
// [d x_n, d a_r, d a_z, d h_n], and previous_gradient gets z * state_gradient, added when
// `accumulate` is not 0. Both gradients may be the same memory when it is 0.
void CVectorKernels_gru_backward(size_t rows, size_t units, float *gates, const float *previous,
                                 const float *state_gradient, float *previous_gradient,
                                 int accumulate);

// Masked softmax cross-entropy over the taken items plus binary cross-entropy over all items not
// held, of one row of `count` <= 64 logits. Held items give nothing and get no gradient. Writes
// gradient = scale * d loss / d logits and returns the loss, not scaled.
double CVectorKernels_hazard_loss(size_t count, const float *logits, uint64_t held, uint64_t taken,
                                  float ranking_weight, float hazard_weight, float scale,
                                  float *gradient);
// Softmax cross-entropy of one row against one target. Turns the logits into scale * gradient in
// place and returns the loss, not scaled.
double CVectorKernels_softmax_loss(size_t count, size_t target, float scale, float *logits);

// BPR-max (Hidasi and Karatzoglou 2018, arXiv:1706.03847) of one row: all but the target are its
// negatives, `regularization` weighs their squared scores. Turns the logits into scale * gradient
// in place and returns the loss, not scaled.
double CVectorKernels_bpr_max_loss(size_t count, size_t target, float regularization, float scale,
                                   float *logits);
// Turns a row of logits into the probabilities of a softmax.
void CVectorKernels_softmax(size_t count, float *logits);

// Gives each of the rows, [rows, width] without gaps, the length `scale`; `lengths`, [rows], keeps
// what it was.
void CVectorKernels_normalize_rows(size_t rows, size_t width, float scale, float *values,
                                   float *lengths);
// The way back: the gradient by the normalised rows becomes that by the rows as they were. Returns
// the sum over rows of normalised row times gradient, which is scale * d loss / d scale.
double CVectorKernels_normalize_rows_backward(size_t rows, size_t width, float scale,
                                              const float *normalized, const float *lengths,
                                              float *gradient);

// The sum of squares, in a fixed order.
double CVectorKernels_sum_of_squares(size_t count, const float *source);
// One step of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101). `step_size` and `epsilon`
// already hold the corrections for the moments' bias, `decay` is learning rate times weight decay.
void CVectorKernels_adamw(size_t count, float gradient_scale, float step_size, float epsilon,
                          float decay, float beta1, float beta2, const float *gradient,
                          float *first_moment, float *second_moment, float *parameters);

#endif
