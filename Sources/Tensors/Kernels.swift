import CKernels

/// The row operations of one kernel set. Shapes are checked here, once; the loops are C (CKernels.h says what each
/// one computes).
@safe
public struct Kernels: @unchecked Sendable {
    let table: UnsafePointer<apus_kernels>
    public let set: KernelSet

    /// - Precondition: the machine runs `set`.
    public init(_ set: KernelSet) {
        precondition(set.isSupported, "this machine does not run the kernel set \(set.rawValue)")
        self.set = set
        table = apus_kernels_of(set.identifier)
    }

    /// y += x
    public func add(_ x: Floats, to y: Floats) {
        precondition(x.count == y.count, "sizes differ")
        table.pointee.add(y.base, x.base, y.count)
    }

    /// y = a + b
    public func sum(_ a: Floats, _ b: Floats, into y: Floats) {
        precondition(a.count == y.count && b.count == y.count, "sizes differ")
        table.pointee.sum(y.base, a.base, b.base, y.count)
    }

    public func sumOfSquares(_ x: Floats) -> Double { table.pointee.sum_of_squares(x.base, x.count) }

    /// Every row of y = bias.
    public func fillRows(of y: Matrix, with bias: Floats) {
        precondition(y.isDense && bias.count == y.columns, "shapes differ")
        table.pointee.fill_rows(y.base, bias.base, y.rows, y.columns)
    }

    /// y = x + bias, row by row; y may be x.
    public func add(_ x: Matrix, bias: Floats, into y: Matrix) {
        precondition(y.isDense && x.isDense && bias.count == y.columns && x.rows == y.rows, "shapes differ")
        table.pointee.add_to_rows(y.base, x.base, bias.base, y.rows, y.columns)
    }

    public func columnSums(of x: Matrix, into sums: Floats) {
        precondition(x.isDense && sums.count == x.columns, "shapes differ")
        table.pointee.column_sums(sums.base, x.base, x.rows, x.columns)
    }

    /// x[i] is dropped or scaled, by numbers first + i of a stream.
    public func dropout(_ x: Floats, from first: Int, key: SIMD2<UInt32>, counter: SIMD2<UInt32>, probability: Float) {
        var settings = apus_dropout(key: (key.x, key.y), counter: (counter.x, counter.y), probability: probability)
        table.pointee.dropout(x.base, UInt64(first), x.count, &settings)
    }
}

extension Kernels {
    /// y = token row + position row.   y: [rows, width]   tables: [vocabulary, width], [context, width]
    public func embed(_ tokens: [Int32], tokenTable: Matrix, positionTable: Matrix, into y: Matrix) {
        precondition(y.isDense && tokens.count >= y.rows, "too few tokens")
        table.pointee.embedding_forward(
            y.base, tokens, tokenTable.base, positionTable.base, y.rows, positionTable.rows, y.columns)
    }

    /// Adds to the token table's gradient; overwrites the position table's.
    public func embedBackward(_ dy: Matrix, _ tokens: [Int32], tokenTable: Matrix, positionTable: Matrix) {
        precondition(dy.isDense && tokens.count >= dy.rows, "too few tokens")
        table.pointee.embedding_backward(
            dy.base, tokens, tokenTable.base, positionTable.base, dy.rows, positionTable.rows, dy.columns)
    }

    /// Layer normalization; `mean` and `inverse` [rows] are kept for backward.
    public func normalize(
        _ x: Matrix, weight: Floats, bias: Floats, into y: Matrix, mean: Floats, inverse: Floats
    ) {
        precondition(x.isDense && y.isDense && x.rows == y.rows && weight.count == x.columns, "shapes differ")
        precondition(mean.count >= x.rows && inverse.count >= x.rows, "too few rows of statistics")
        table.pointee.norm_forward(
            y.base, mean.base, inverse.base, x.base, weight.base, bias.base, x.rows, x.columns)
    }

    /// Adds to dx; overwrites the gradients of weight and bias.
    public func normalizeBackward(
        _ dy: Matrix, input x: Matrix, weight: Floats, mean: Floats, inverse: Floats, addingTo dx: Matrix,
        weightGradient: Floats, biasGradient: Floats
    ) {
        precondition(x.isDense && dy.isDense && dx.isDense && x.rows == dy.rows && dx.rows == x.rows, "shapes differ")
        table.pointee.norm_backward(
            dx.base, weightGradient.base, biasGradient.base, dy.base, x.base, weight.base, mean.base, inverse.base,
            x.rows, x.columns)
    }

    public func gelu(_ x: Matrix, into y: Matrix) {
        precondition(x.isDense && y.isDense && x.count == y.count, "shapes differ")
        table.pointee.gelu_forward(y.base, x.base, x.count)
    }

    /// x becomes gelu(x), dy the gradient of x; `biasGradient` its column sums.
    public func geluBackward(_ x: Matrix, _ dy: Matrix, biasGradient: Floats) {
        precondition(x.isDense && dy.isDense && x.count == dy.count && biasGradient.count == x.columns, "shapes differ")
        table.pointee.gelu_backward(x.base, dy.base, biasGradient.base, x.rows, x.columns)
    }

    /// Losses in nats of the rows of logits, written from `row` on.
    public func crossEntropy(
        _ logits: Matrix, targets: [Int32], counted: [UInt8], row: Int, into losses: inout [Double]
    ) {
        checkLossRows(logits, targets, counted, row, losses)
        targets.withUnsafeBufferPointer { targets in
            counted.withUnsafeBufferPointer { counted in
                losses.withUnsafeMutableBufferPointer { losses in
                    guard let l = losses.baseAddress, let t = targets.baseAddress, let c = counted.baseAddress else {
                        return
                    }
                    table.pointee.cross_entropy(l + row, logits.base, t + row, c + row, logits.rows, logits.columns)
                }
            }
        }
    }

    /// The same; logits become the gradient of the sum of the losses.
    public func crossEntropyBackward(
        _ logits: Matrix, targets: [Int32], counted: [UInt8], row: Int, into losses: inout [Double]
    ) {
        checkLossRows(logits, targets, counted, row, losses)
        targets.withUnsafeBufferPointer { targets in
            counted.withUnsafeBufferPointer { counted in
                losses.withUnsafeMutableBufferPointer { losses in
                    guard let l = losses.baseAddress, let t = targets.baseAddress, let c = counted.baseAddress else {
                        return
                    }
                    table.pointee.cross_entropy_backward(
                        l + row, logits.base, t + row, c + row, logits.rows, logits.columns)
                }
            }
        }
    }

    private func checkLossRows(
        _ logits: Matrix, _ targets: [Int32], _ counted: [UInt8], _ row: Int, _ losses: [Double]
    ) {
        let end = row + logits.rows
        precondition(logits.isDense, "logits are dense")
        precondition(targets.count >= end && counted.count >= end && losses.count >= end, "too few rows")
    }
}

extension Kernels {
    /// Causal scores of one tile become exp(score - maximum); see `attention_forward_tile` in CKernels.h.
    public func attend(
        scores: Matrix, maximum: Floats, total: Floats, correction: Floats, visible: Int
    ) {
        precondition(maximum.count >= scores.rows && total.count >= scores.rows && correction.count >= scores.rows)
        table.pointee.attention_forward_tile(
            scores.base, maximum.base, total.base, correction.base, scores.rows, scores.columns, scores.stride, visible)
    }

    public func finishAttention(_ output: Matrix, maximum: Floats, total: Floats, logSumExp: Floats) {
        precondition(maximum.count >= output.rows && logSumExp.count >= output.rows)
        table.pointee.attention_finish(
            output.base, logSumExp.base, maximum.base, total.base, output.rows, output.columns, output.stride)
    }

    public func scaleRows(_ output: Matrix, by factor: Floats) {
        precondition(factor.count >= output.rows)
        table.pointee.scale_rows(output.base, factor.base, output.rows, output.columns, output.stride)
    }

    /// dots[r] = a[r] · b[r]; both with the same stride.
    public func rowDots(_ a: Matrix, _ b: Matrix, into dots: Floats) {
        precondition(a.stride == b.stride && a.rows == b.rows && a.columns == b.columns && dots.count >= a.rows)
        table.pointee.row_dots(dots.base, a.base, b.base, a.rows, a.columns, a.stride)
    }

    /// Scores become probabilities; dp becomes the gradient of the unscaled scores.
    public func attendBackward(
        scores: Matrix, dp: Matrix, logSumExp: Floats, dots: Floats, scale: Float, visible: Int
    ) {
        precondition(scores.stride == dp.stride && logSumExp.count >= scores.rows && dots.count >= scores.rows)
        table.pointee.attention_backward_tile(
            scores.base, dp.base, logSumExp.base, dots.base, scale, scores.rows, scores.columns, scores.stride, visible)
    }

    /// One AdamW update of consecutive elements with one weight decay.
    public func adamw(
        _ parameters: Floats, gradients: Floats, firstMoment: Floats, secondMoment: Floats, settings: AdamWSettings
    ) {
        let count = parameters.count
        precondition(gradients.count == count && firstMoment.count == count && secondMoment.count == count)
        var native = apus_adamw(
            learning_rate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2,
            epsilon: settings.epsilon, weight_decay: settings.weightDecay, gradient_scale: settings.gradientScale,
            bias_correction1: settings.biasCorrection1, root_bias_correction2: settings.rootBiasCorrection2)
        table.pointee.adamw(parameters.base, gradients.base, firstMoment.base, secondMoment.base, count, &native)
    }
}

/// One step's numbers of AdamW.
public struct AdamWSettings: Sendable {
    public var learningRate: Float
    public var beta1: Float
    public var beta2: Float
    public var epsilon: Float
    public var weightDecay: Float
    /// Multiplies the gradient first: 1 / counted tokens, times the clip factor.
    public var gradientScale: Float
    /// 1 - beta1^t
    public var biasCorrection1: Float
    /// sqrt(1 - beta2^t)
    public var rootBiasCorrection2: Float

    public init(
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, gradientScale: Float,
        biasCorrection1: Float, rootBiasCorrection2: Float
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientScale = gradientScale
        self.biasCorrection1 = biasCorrection1
        self.rootBiasCorrection2 = rootBiasCorrection2
    }
}
