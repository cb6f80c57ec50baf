import Corpus
import Experiment
import Foundation

/// What is known of a configuration's corpus without preparing it.
struct PlannedCorpus {
    /// Of its token shards.
    let bytes: Int
    private let heldOutTokens: Int
    /// Of an evaluation, where the corpus is at hand.
    private let knownSequences: Int?

    init(_ config: RunConfig) {
        let (train, heldOut, bytesPerToken) = Self.tokens(config.corpus)
        bytes = (train + heldOut) * bytesPerToken
        heldOutTokens = heldOut
        let prepared = config.corpus.prepared.map { URL(fileURLWithPath: $0) }
        let corpus = prepared.flatMap { try? PreparedCorpus(opening: $0, verifying: false) }
        knownSequences = corpus.flatMap { try? HeldOutData($0, config: config) }?.sequences.count
    }

    /// Sequences of an evaluation.
    func evaluationSequences(_ config: RunConfig) -> Int {
        if let knownSequences { return knownSequences }
        let available = max(1, (heldOutTokens - 1) / config.model.context)
        return switch config.evaluate.tokens {
        case .all: available
        case .tokens(let tokens):
            max(1, heldOutTokens > 0 ? min(available, tokens / config.model.context) : tokens / config.model.context)
        }
    }

    /// Tokens to train on, held-out tokens, and bytes of a token; nothing where text is not at hand.
    private static func tokens(_ corpus: CorpusConfig) -> (train: Int, heldOut: Int, bytesPerToken: Int) {
        if let calibration = corpus.calibration {
            return (calibration.tokens, max(calibration.tokens / 20, 65_536), 2)
        }
        if let prepared = corpus.prepared {
            let opened = try? PreparedCorpus(opening: URL(fileURLWithPath: prepared), verifying: false)
            return (
                opened?.index.trainTokens ?? 0, opened?.index.heldOutTokens ?? 0,
                (opened?.vocabulary ?? 0) > 65_536 ? 4 : 2
            )
        }
        // A token is a byte or more, and one in twenty is held out..
        let text = corpus.textSources.reduce(0) { $0 + ((try? TextReading.storedBytes($1.paths)) ?? 0) }
        return (text - text / 20, text / 20, ((try? corpus.vocabulary) ?? 0) > 65_536 ? 4 : 2)
    }
}
