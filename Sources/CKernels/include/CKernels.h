// Plain C loops in three kernel sets. Each set is one table of functions; all sets compute the same formulas in the
// same order of additions (sums run in 16 lanes everywhere), they differ in the width of the machine's vectors and in
// fused multiply-adds. No libm, no allocation, no global state. Rows are contiguous unless a stride is given.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct apus_adamw {
    float learning_rate;
    float beta1;
    float beta2;
    float epsilon;
    float weight_decay;           // 0 for tensors of fewer than 2 dimensions
    float gradient_scale;         // 1 / counted tokens, times the clip factor
    float bias_correction1;       // 1 - beta1^t
    float root_bias_correction2;  // sqrt(1 - beta2^t)
} apus_adamw;

// Which numbers of a counter-based stream: key (2 words), and the last two words of the counter.
typedef struct apus_dropout {
    uint32_t key[2];
    uint32_t counter[2];
    float probability;
} apus_dropout;

typedef struct apus_kernels {
    // y[i] += x[i]
    void (*add)(float *y, const float *x, size_t count);
    // y[i] = a[i] + b[i]
    void (*sum)(float *y, const float *a, const float *b, size_t count);
    // Sum of squares in double.
    double (*sum_of_squares)(const float *x, size_t count);
    // y[r, c] = bias[c]                                          y: [rows, columns]
    void (*fill_rows)(float *y, const float *bias, size_t rows, size_t columns);
    // y[r, c] = x[r, c] + bias[c]; y may be x.
    void (*add_to_rows)(float *y, const float *x, const float *bias, size_t rows, size_t columns);
    // sums[c] = sum over r of x[r, c]
    void (*column_sums)(float *sums, const float *x, size_t rows, size_t columns);

    // y = token table row + position table row.                  y: [rows, columns], position = row mod context
    void (*embedding_forward)(float *y, const int32_t *tokens, const float *token_table, const float *position_table,
                              size_t rows, size_t context, size_t columns);
    // Adds to d_token_table; overwrites d_position_table's `context` rows.
    void (*embedding_backward)(const float *dy, const int32_t *tokens, float *d_token_table, float *d_position_table,
                               size_t rows, size_t context, size_t columns);

    // Layer normalization (Ba et al. 2016), epsilon 1e-5.        x, y: [rows, columns]   mean, inverse: [rows]
    void (*norm_forward)(float *y, float *mean, float *inverse_deviation, const float *x, const float *weight,
                         const float *bias, size_t rows, size_t columns);
    // Adds to dx; overwrites d_weight and d_bias.
    void (*norm_backward)(float *dx, float *d_weight, float *d_bias, const float *dy, const float *x,
                          const float *weight, const float *mean, const float *inverse_deviation, size_t rows,
                          size_t columns);

    // GELU with tanh (Hendrycks and Gimpel 2016; GPT-2's "gelu_new").
    void (*gelu_forward)(float *y, const float *x, size_t count);
    // One pass: x becomes gelu(x), dy becomes the gradient of x, d_bias the column sums of that.
    void (*gelu_backward)(float *x, float *dy, float *d_bias, size_t rows, size_t columns);

    // One tile of causal scores [rows, columns] (stride `stride`) becomes exp(score - maximum). Row r sees
    // `visible` + r columns of this tile (clipped to 0…columns), the others become 0. maximum and total are running
    // over the tiles of a row (Milakov and Gimelshein 2018); correction = factor for what was added before.
    void (*attention_forward_tile)(float *scores, float *maximum, float *total, float *correction, size_t rows,
                                   size_t columns, size_t stride, ptrdiff_t visible);
    // Divides the output rows by their totals; log_sum_exp = maximum + log(total).
    void (*attention_finish)(float *output, float *log_sum_exp, const float *maximum, const float *total, size_t rows,
                             size_t columns, size_t stride);
    // output[r, :] *= factor[r]
    void (*scale_rows)(float *output, const float *factor, size_t rows, size_t columns, size_t stride);
    // dots[r] = sum over c of a[r, c] b[r, c]
    void (*row_dots)(float *dots, const float *a, const float *b, size_t rows, size_t columns, size_t stride);
    // scores become probabilities p = exp(score - log_sum_exp); dp becomes p (dp - dots) scale.
    void (*attention_backward_tile)(float *scores, float *dp, const float *log_sum_exp, const float *dots, float scale,
                                    size_t rows, size_t columns, size_t stride, ptrdiff_t visible);

    // Cross-entropy in nats of each row of logits against its target; a row whose `counted` is 0 has loss 0.
    void (*cross_entropy)(double *losses, const float *logits, const int32_t *targets, const uint8_t *counted,
                          size_t rows, size_t columns);
    // The same, and logits become the gradient of the sum of the losses.
    void (*cross_entropy_backward)(double *losses, float *logits, const int32_t *targets, const uint8_t *counted,
                                   size_t rows, size_t columns);

    // Decoupled weight decay (Loshchilov and Hutter 2019), in the order of PyTorch's AdamW.
    void (*adamw)(float *parameters, const float *gradients, float *first_moment, float *second_moment, size_t count,
                  const apus_adamw *settings);
    // x[i] is dropped or scaled by 1 / (1 - p), by number first + i of the stream. The same call undoes nothing: forward
    // and backward multiply by the same mask.
    void (*dropout)(float *x, uint64_t first, size_t count, const apus_dropout *settings);
} apus_kernels;

typedef enum apus_kernel_set { APUS_BASELINE = 0, APUS_AVX2 = 1, APUS_AVX512 = 2 } apus_kernel_set;

// The table of a set.
const apus_kernels *apus_kernels_of(apus_kernel_set set);
// Whether this CPU and its operating system run a set.
int apus_kernels_supported(apus_kernel_set set);

#pragma clang assume_nonnull end
