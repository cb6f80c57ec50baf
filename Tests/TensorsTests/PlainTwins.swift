import Experiment
import Foundation
import Tensors

/// What each kernel is, in Double and without any thought of speed. A tile is [rows, stride] floats, of which the first
/// `columns` of each row count.
enum PlainTwins {
    /// What a clamped exponential (e^-87 instead of less) may add, as a magnitude.
    static let clamp = 0x1p-100

    static func sumOfSquares(_ x: [Float]) -> Expected {
        Expected(x.reduce(0) { $0 + Double($1) * Double($1) })
    }

    static func columnSums(_ x: [Float], columns: Int) -> [Expected] {
        (0..<columns).map { column in
            let values = stride(from: column, to: x.count, by: columns).map { Double(x[$0]) }
            return sum(values)
        }
    }

    /// e^x as the kernels have it: the error of its argument, itself a difference, is amplified by |x|.
    static func exponential(_ x: Double) -> Expected {
        Expected(exp(x), magnitude: exp(x) * (1 + abs(x)) + clamp)
    }

    static func sum(_ values: [Double]) -> Expected {
        Expected(values.reduce(0, +), magnitude: values.reduce(0) { $0 + abs($1) })
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

// MARK: - Layer normalization

extension PlainTwins {
    /// One row: y = (x - mean) / sqrt(variance + 1e-5) · weight + bias.
    static func norm(
        _ x: [Float], weight: [Float], bias: [Float]
    ) -> (y: [Expected], mean: Expected, inverse: Expected) {
        let x = x.map(Double.init)
        let m = mean(x)
        let size = mean(x.map(abs))
        let variance = mean(x.map { ($0 - m) * ($0 - m) }) + 1e-5
        let inverse = 1 / variance.squareRoot()
        let condition = 1 + mean(x.map { abs($0 - m) * (abs($0) + size) }) / variance
        let y = x.indices.map { c in
            let (w, b) = (Double(weight[c]), Double(bias[c]))
            return Expected(
                (x[c] - m) * inverse * w + b,
                magnitude: (abs(x[c]) + size) * inverse * condition * abs(w) + abs(b))
        }
        return (y, Expected(m, magnitude: size), Expected(inverse, magnitude: inverse * condition))
    }

    /// One row's dx, and what it adds to the gradients of weight and bias, from the kept mean and inverse deviation.
    static func normBackward(
        dx: [Float], dy: [Float], x: [Float], weight: [Float], mean m: Double, inverse: Double
    ) -> (dx: [Expected], weight: [Expected], bias: [Expected]) {
        let z = x.map { (Double($0) - m) * inverse }
        let sizeOfZ = x.map { (abs(Double($0)) + abs(m)) * inverse }
        let g = zip(dy, weight).map { Double($0) * Double($1) }
        let meanG = mean(g)
        let sizeOfMeanG = mean(g.map(abs))
        let meanGZ = mean(zip(g, z).map { $0 * $1 })
        let sizeOfMeanGZ = mean(zip(g, sizeOfZ).map { abs($0) * $1 })
        let result = x.indices.map { c in
            Expected(
                Double(dx[c]) + inverse * (g[c] - meanG - z[c] * meanGZ),
                magnitude: abs(Double(dx[c])) + inverse * (abs(g[c]) + sizeOfMeanG + sizeOfZ[c] * sizeOfMeanGZ))
        }
        let forWeight = x.indices.map {
            Expected(Double(dy[$0]) * z[$0], magnitude: abs(Double(dy[$0])) * sizeOfZ[$0])
        }
        return (result, forWeight, dy.map { Expected(Double($0)) })
    }
}

// MARK: - GELU

extension PlainTwins {
    /// gelu(x) = x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x³), and its slope.
    static func gelu(_ value: Float) -> (y: Expected, slope: Expected) {
        let x = Double(value)
        let root = (2 / Double.pi).squareRoot()
        let u = root * (x + 0.044715 * x * x * x)
        let s = 1 / (1 + exp(-2 * u))
        let rest = 1 / (1 + exp(2 * u))
        let size = s * (1 + min(abs(2 * u), 88)) + clamp
        let slopeOf2U = 2 * root * (1 + 3 * 0.044715 * x * x)
        // The kernel takes 1 - s from a rounded s. Where s or the rest is 0 the true term is 0, whatever x² is.
        let sizeOfSlope = min(abs(x), 100) * (2 * root * (1 + 3 * 0.044715 * min(x * x, 1e4)))
        let sizeOfRest = rest * size + s * min(1, rest / Outcome.rounding)
        return (
            Expected(x * s, magnitude: abs(x) * size),
            Expected(
                s + (s == 0 || rest == 0 ? 0 : x * s * rest * slopeOf2U),
                magnitude: size + sizeOfSlope * (sizeOfRest + clamp))
        )
    }
}

// MARK: - Attention

extension PlainTwins {
    /// The columns of a tile that row `row` sees.
    static func seen(_ row: Int, visible: Int, columns: Int) -> Int { min(max(visible + row, 0), columns) }

    struct Row {
        let probabilities: [Expected]
        let maximum, total, correction: Expected
    }

    /// One row of a tile: scores become e^(score - maximum), hidden ones 0; maximum and total run on.
    static func attend(_ scores: [Float], seen: Int, maximum: Float, total: Float) -> Row {
        let visible = scores.prefix(seen).map(Double.init)
        let m = visible.reduce(Double(maximum)) { max($0, $1) }
        let p = visible.map { exponential($0 - m) }
        let correction = exponential(Double(maximum) - m)
        let sum = p.reduce(0) { $0 + $1.value }
        let size = p.reduce(0) { $0 + $1.magnitude }
        return Row(
            probabilities: p + Array(repeating: Expected(0), count: scores.count - seen),
            maximum: Expected(m),
            total: Expected(
                Double(total) * correction.value + sum, magnitude: Double(total) * correction.magnitude + size),
            correction: correction)
    }

    /// One row of the backward tile: p = e^(score - logSumExp), and p (dp - dot) scale.
    static func attendBackward(
        _ scores: [Float], dp: [Float], seen: Int, logSumExp: Float, dot: Float, scale: Float
    ) -> (p: [Expected], ds: [Expected]) {
        let hidden = Array(repeating: Expected(0), count: scores.count - seen)
        let p = scores.prefix(seen).map { exponential(Double($0) - Double(logSumExp)) }
        let ds = p.indices.map { c in
            let (d, dot, scale) = (Double(dp[c]), Double(dot), Double(scale))
            return Expected(p[c].value * (d - dot) * scale, magnitude: p[c].magnitude * (abs(d) + abs(dot)) * scale)
        }
        return (p + hidden, ds + hidden)
    }
}

// MARK: - Loss, optimizer, dropout

extension PlainTwins {
    /// One row: log Σ e^logit - logit of the target, and its gradient e^logit / Σ - [is target].
    static func crossEntropy(_ logits: [Float], target: Int) -> (loss: Expected, gradient: [Expected]) {
        let x = logits.map(Double.init)
        let m = x.reduce(-.infinity) { max($0, $1) }
        let p = x.map { exponential($0 - m) }
        let total = p.reduce(0) { $0 + $1.value }
        let condition = p.reduce(0) { $0 + $1.magnitude } / total
        let loss = Expected(log(total) + (m - x[target]), magnitude: condition + abs(log(total)))
        let gradient = p.indices.map { c in
            let isTarget: Double = c == target ? 1 : 0
            return Expected(
                p[c].value / total - isTarget, magnitude: (p[c].magnitude + p[c].value * condition) / total + isTarget)
        }
        return (loss, gradient)
    }

    /// PyTorch's AdamW: decay first, then the step with bias corrections.
    static func adamw(
        parameter: Float, gradient: Float, first: Float, second: Float, _ s: AdamWSettings
    ) -> (parameter: Expected, first: Expected, second: Expected) {
        let beta1 = Double(s.beta1)
        let beta2 = Double(s.beta2)
        let g = Double(gradient) * Double(s.gradientScale)
        let m = beta1 * Double(first) + (1 - beta1) * g
        let sizeOfM = beta1 * abs(Double(first)) + (1 - beta1) * abs(g)
        let v = beta2 * Double(second) + (1 - beta2) * g * g
        let decayed = Double(parameter) * (1 - Double(s.learningRate) * Double(s.weightDecay))
        let denominator = v.squareRoot() / Double(s.rootBiasCorrection2) + Double(s.epsilon)
        let step = Double(s.learningRate) / Double(s.biasCorrection1) / denominator
        return (
            Expected(decayed - step * m, magnitude: abs(decayed) + step * sizeOfM),
            Expected(m, magnitude: sizeOfM), Expected(v)
        )
    }

    /// Whether number `index` of a stream drops its element: word index mod 4 of Philox block index / 4.
    static func isDropped(_ index: Int, key: SIMD2<UInt32>, counter: SIMD2<UInt32>, probability: Float) -> Bool {
        let block = UInt64(index / 4)
        let words = Philox(key: key).block(
            SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), counter.x, counter.y))
        return Double(words[index % 4]) < Double(probability) * 0x1p32
    }
}
