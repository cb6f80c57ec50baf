import Experiment
import Tokenization

/// The calibration source's two token streams: facts drawn by `CalibrationLaw`, each its key and then its value. Both
/// depend on the parameters alone: the run's seed changes the order of data, never the data.
struct CalibrationSource: CorpusSource {
    private let config: CalibrationConfig

    init(_ config: CalibrationConfig) { self.config = config }

    var kind: CorpusIndex.Kind { .calibration }
    var tokenizer: any Tokenizer { SymbolTokenizer(alphabet: config.alphabet) }
    var preparation: CorpusIndex.Preparation? { nil }
    var calibration: CalibrationConfig? { config }
    var parts: [CorpusPart] { [CorpusPart(name: "calibration")] }

    var contentDigest: String {
        let exponent = String(config.exponent.bitPattern, radix: 16)
        return """
            \(CorpusIndex.currentSchema) calibration alphabet \(config.alphabet) key \(config.key) value \(config.value) \
            exponent bits \(exponent) tokens \(config.tokens)
            """.sha256
    }

    var layoutDigest: String { contentDigest }

    /// 5 % of the training tokens, at least 65,536, in whole facts.
    var heldOutTokens: Int {
        let wanted = max(config.tokens / 20, 65_536)
        return (wanted + config.factLength - 1) / config.factLength * config.factLength
    }

    /// Each side is one stretch.
    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        let facts = CalibrationFacts(CalibrationLaw(config))
        let total = config.tokens + heldOutTokens
        let element = CorpusIndex.ElementType(vocabulary: tokenizer.vocabulary)
        let sides = [(CorpusSide.train, config.tokens, 0), (.heldOut, heldOutTokens, config.tokens)]
        for (side, tokens, before) in sides.dropFirst(writer.position.stretch) {
            let stream = writer.side(side)
            stream.begin(Place())
            try facts.write(tokens, of: side) { ids, done in
                try stream.append(EncodedText(ids: element.encode(ids), textBytes: 0, characters: 0))
                progress(.work(done: before + done, total: total))
            }
            try stream.end()
            try writer.endedStretch()
        }
    }
}

/// Facts and the symbols that they are written in.
struct CalibrationFacts {
    private let law: CalibrationLaw
    private let values: RandomStream

    /// Of the source, whatever the run: the two sides' draws and the values differ by it.
    private static let trainSeed: UInt64 = 1
    private static let heldOutSeed: UInt64 = 2
    private static let valueSeed: UInt64 = 3

    init(_ law: CalibrationLaw) {
        self.law = law
        values = RandomStream(seed: Self.valueSeed, purpose: "calibration values")
    }

    /// The numbers that draw a side's facts: fact i of the stream is at number i.
    static func draws(_ side: CorpusSide) -> RandomStream {
        RandomStream(seed: side == .train ? trainSeed : heldOutSeed, purpose: "calibration facts")
    }

    /// Appends fact `k`'s key, most significant symbol first, and its value, a fixed pseudo-random function of k.
    func append(_ k: Int, to ids: inout [Int32]) {
        let config = law.config
        var divisor = law.facts
        for _ in 0..<config.key {
            divisor /= config.alphabet
            ids.append(Int32((k - 1) / divisor % config.alphabet))
        }
        for j in 0..<config.value {
            let bits = values.bits(UInt64((k - 1) * config.value + j))
            ids.append(Int32(bits.multipliedFullWidth(by: UInt64(config.alphabet)).high))
        }
    }

    /// Hands a side's first `tokens` tokens to `sink`, some thousand facts at a time, with the count so far; the last
    /// fact may be cut.
    func write(_ tokens: Int, of side: CorpusSide, sink: ([Int32], Int) throws -> Void) throws {
        let draws = Self.draws(side)
        let length = law.config.factLength
        let factsAtOnce = 8_192
        var ids: [Int32] = []
        ids.reserveCapacity(factsAtOnce * length)
        for first in stride(from: 0, to: (tokens + length - 1) / length, by: factsAtOnce) {
            ids.removeAll(keepingCapacity: true)
            for i in first..<first + factsAtOnce where i * length < tokens {
                append(law.fact(at: draws.uniform(UInt64(i))), to: &ids)
            }
            let done = min(tokens, first * length + ids.count)
            ids.removeLast(first * length + ids.count - done)
            try sink(ids, done)
        }
    }
}
