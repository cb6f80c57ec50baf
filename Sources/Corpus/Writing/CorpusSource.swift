import Experiment
import Tokenization

/// What a prepared corpus is made from: text, or the calibration source.
protocol CorpusSource {
    /// `CorpusIndex.contentDigest`.
    var contentDigest: String { get }
    /// `CorpusIndex.layoutDigest`.
    var layoutDigest: String { get }
    var kind: CorpusIndex.Kind { get }
    var tokenizer: any Tokenizer { get }
    /// `CorpusIndex.preparation`.
    var preparation: CorpusIndex.Preparation? { get }
    /// `CorpusIndex.calibration`.
    var calibration: CalibrationConfig? { get }
    /// The named parts, in order.
    var parts: [CorpusPart] { get }
    /// Appends the token streams of all parts from `writer.position` on, and commits there now and then.
    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws
}

/// What the index says of a source, besides what its writers count.
struct CorpusPart {
    let name: String
    var files: [CorpusIndex.File] = []
    /// Documents with text on a side.
    var documents: [CorpusSide: Int] = [.train: 1, .heldOut: 1]
    var dropped: [String: CorpusIndex.Dropped] = [:]
    var replaced = 0
}

/// How far writing has come: whole stretches of whole files.
struct WritingPosition: Codable, Equatable {
    /// Number of the source, of the file in it, and of the next stretch in that.
    var source = 0
    var file = 0
    var stretch = 0
}

/// What preparing a corpus reports while it works.
public enum CorpusProgress: Sendable, Equatable {
    /// Work done of all work: stored bytes of text, which is read to check it, perhaps to train a tokenizer, and to
    /// encode it; or tokens of the calibration source.
    case work(done: Int, total: Int)
    /// A sentence for the user, such as that a damaged corpus is made again.
    case message(String)
}
