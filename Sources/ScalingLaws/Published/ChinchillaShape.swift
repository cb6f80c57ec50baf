/// A model of Hoffmann et al. 2022 (arXiv 2203.15556, tables A4 and A9), with FLOPs as their appendix F counts them.
public struct ChinchillaShape: Sendable, Equatable {
    /// Layers.
    public let layers: Int
    /// Width of the residual stream.
    public let width: Int
    /// Width of the feed-forward layer.
    public let feedForward: Int
    /// Attention heads.
    public let heads: Int
    /// Width of a head's keys and values.
    public let keyWidth: Int
    /// Tokens of the vocabulary: 32,000 in the paper.
    public let vocabulary: Int
    /// Tokens of a sequence: 2,048 in the paper.
    public let sequence: Int

    /// A shape with the paper's vocabulary and sequence unless told otherwise.
    public init(
        layers: Int, width: Int, feedForward: Int, heads: Int, keyWidth: Int, vocabulary: Int = 32_000,
        sequence: Int = 2_048
    ) {
        self.layers = layers
        self.width = width
        self.feedForward = feedForward
        self.heads = heads
        self.keyWidth = keyWidth
        self.vocabulary = vocabulary
        self.sequence = sequence
    }

    /// l (5 d k h + 2 d f) + V d: queries, keys, values, output and the matrix of relative positions.
    public var parameters: Double {
        Double(layers) * Double(5 * width * keyWidth * heads + 2 * width * feedForward) + Double(vocabulary * width)
    }

    /// FLOPs of a forward and backward pass over one sequence. The paper prints terms for embeddings and logits, but its
    /// table A4 comes out, at its rounding, only without them.
    public func trainingFLOPs(countingEmbeddings: Bool = false) -> Double {
        let (s, d, kh, f) = (Double(sequence), Double(width), Double(keyWidth * heads), Double(feedForward))
        let projections = 2 * 3 * s * d * kh + 2 * s * kh * d
        let attention = 2 * s * s * kh + 3 * Double(heads) * s * s + 2 * s * s * kh
        let dense = 2 * s * 2 * d * f
        let ends = countingEmbeddings ? 2 * 2 * s * Double(vocabulary) * d : 0
        return 3 * (Double(layers) * (projections + attention + dense) + ends)
    }

    /// `trainingFLOPs` against 6 N D with D the tokens of the sequence: the last column of table A4.
    public func ratioTo6ND(countingEmbeddings: Bool = false) -> Double {
        trainingFLOPs(countingEmbeddings: countingEmbeddings) / (6 * parameters * Double(sequence))
    }

    /// The six shapes of table A4 with the ratios printed there.
    public static let tableA4: [(shape: ChinchillaShape, printedRatio: Double)] = [
        (ChinchillaShape(layers: 10, width: 640, feedForward: 2_560, heads: 10, keyWidth: 64), 1.03),
        (ChinchillaShape(layers: 20, width: 1_024, feedForward: 4_096, heads: 16, keyWidth: 64), 1.10),
        (ChinchillaShape(layers: 24, width: 1_280, feedForward: 5_120, heads: 10, keyWidth: 128), 1.08),
        (ChinchillaShape(layers: 26, width: 1_792, feedForward: 7_168, heads: 14, keyWidth: 128), 1.04),
        (ChinchillaShape(layers: 28, width: 2_048, feedForward: 8_192, heads: 16, keyWidth: 128), 1.03),
        (ChinchillaShape(layers: 40, width: 3_584, feedForward: 14_336, heads: 28, keyWidth: 128), 0.99),
    ]
}
