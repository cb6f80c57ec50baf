import Experiment
import Foundation
import Tokenization

@testable import Corpus

/// Sources of symbols: token i of a source's stream is `firstToken` + i, so that a token says where it is.
struct MixedSource: CorpusSource {
    struct Part {
        let name: String
        let train: Int
        let heldOut: Int
    }

    let sides: [Part]

    var layoutDigest: String { contentDigest }
    var contentDigest: String { "\(sides)".sha256 }
    var kind: CorpusIndex.Kind { .calibration }
    var tokenizer: any Tokenizer { SymbolTokenizer(alphabet: sides.reduce(0) { $0 + $1.train + $1.heldOut }) }
    var preparation: CorpusIndex.Preparation? { nil }
    var calibration: CalibrationConfig? { nil }
    var parts: [CorpusPart] { sides.map { CorpusPart(name: $0.name) } }

    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        var next = 0
        for side in sides {
            for (count, name) in [(side.train, CorpusSide.train), (side.heldOut, .heldOut)] {
                let stream = writer.side(name)
                stream.begin(Place())
                let ids = CorpusIndex.ElementType.uint16.encode((next..<next + count).map(Int32.init))
                try stream.append(EncodedText(ids: ids, textBytes: 0, characters: 0))
                try stream.end()
                next += count
            }
            writer.endedSource()
        }
    }
}

extension TemporaryFolder {
    /// A prepared corpus of such sources.
    func mixedCorpus(_ sides: (name: String, train: Int, heldOut: Int)...) throws -> PreparedCorpus {
        let folder = url.appending(component: UUID().uuidString)
        let source = MixedSource(sides: sides.map { .init(name: $0.name, train: $0.train, heldOut: $0.heldOut) })
        try writeCorpus(source, to: folder, shardTokens: 1_000)
        return try PreparedCorpus(opening: folder, verifying: true)
    }
}
