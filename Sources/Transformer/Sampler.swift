import Experiment
import Tensors

extension GPT2 {
    /// Logits of the token after `ids`, of which the last `context` count.                    result: [vocabulary]
    public func nextLogits(after ids: [Int32], parameters: Floats, work: Workspace) -> [Float] {
        precondition(!ids.isEmpty, "a next token needs one before it")
        let window = Array(ids.suffix(shape.context))
        let last = window.count - 1
        // What is behind the last token cannot be seen by it.
        let padded = window + Array(repeating: 0, count: shape.context - window.count)
        return logits(
            tokens: padded, sequences: 1, rows: last..<(last + 1), parameters: parameters, work: work)
    }
}

/// Chooses tokens from logits: greedy at temperature 0, else by counter-based random numbers, among the k likeliest
/// (Fan et al. 2018) and the nucleus of probability p (Holtzman et al. 2020) when given.
public struct Sampler: Sendable {
    private let temperature: Double
    private let topK: Int?
    private let topP: Double?
    private let stream: RandomStream

    public init(temperature: Double, topK: Int? = nil, topP: Double? = nil, seed: UInt64) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        stream = RandomStream(seed: seed, purpose: "sampling")
    }

    /// The token with number `index` of a text.
    public func choose(_ logits: [Float], index: Int) -> Int {
        let order = logits.indices.sorted { logits[$0] > logits[$1] || (logits[$0] == logits[$1] && $0 < $1) }
        guard temperature > 0, let likeliest = order.first else { return order.first ?? 0 }
        let kept = order.prefix(topK ?? order.count)
        let weights = kept.map { token in
            PortableMath.exp(max(-600, Double(logits[token] - logits[likeliest]) / temperature))
        }
        let total = weights.reduce(0, +)
        var nucleus = weights.count
        if let topP {
            var sum = 0.0
            nucleus =
                1
                + (weights.firstIndex { weight in
                    sum += weight / total
                    return sum >= topP
                } ?? weights.count - 1)
        }
        var rest = stream.uniform(UInt64(index)) * weights.prefix(nucleus).reduce(0, +)
        for (token, weight) in zip(kept, weights).prefix(nucleus) {
            rest -= weight
            if rest <= 0 { return token }
        }
        return kept[kept.startIndex + nucleus - 1]
    }
}
