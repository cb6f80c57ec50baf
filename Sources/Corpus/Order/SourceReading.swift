import Experiment

/// What a run reads of a source, and what it leaves: counted before training starts.
public struct SourceReading: Sendable, Equatable {
    /// Of the source.
    public let name: String
    /// Of its training stream.
    public let tokens: Int
    /// T.
    public let context: Int
    /// A, whole sequences of the stream.
    public let sequences: Int
    /// Of these, what a limit leaves to the run.
    public let usedSequences: Int
    /// Tokens behind the last whole sequence: no step sees them.
    public let unusedTokens: Int
    /// Of all sequences that the run reads, this source's, from 0 to 1.
    public let share: Double
    /// In sequences.
    public let reads: Mixture.Reads

    /// How often the run reads the used sequences.
    public var epochs: Double { Double(reads.all) / Double(max(1, usedSequences)) }

    /// Tokens that the run reads again.
    public var repeatedTokens: Int { (reads.all - reads.distinct) * context }

    /// Used sequences that the run never reads.
    public var unreadSequences: Int { usedSequences - reads.distinct }

    /// One line for people.
    public var text: String {
        var parts =
            "\(name): \(CountText.count(tokens, "token")), \(CountText.count(sequences, "sequence")) of \(context)"
        guard usedSequences > 0 else {
            return parts + "; this run reads none of it: its share of a pass is less than a sequence"
        }
        if usedSequences < sequences { parts += " (\(CountText.grouped(usedSequences)) within the limit)" }
        parts +=
            ", \(CountText.count(unusedTokens, "token")) unused; this run reads \(CountText.fixed(100 * share, places: 1)) % = "
        parts += "\(CountText.fixed(epochs, places: 2)) epochs, \(CountText.count(repeatedTokens, "token")) repeated"
        return unreadSequences == 0 ? parts : parts + ", \(CountText.count(unreadSequences, "sequence")) never read"
    }
}

extension TrainingData {
    /// What the first `steps` steps read of each source.
    public func readings(steps: Int) -> [SourceReading] {
        let reads = mixture.reads(before: steps * sequencesPerStep)
        let all = reads.reduce(0) { $0 + $1.all }
        return corpus.sources.indices.map { number in
            let stream = corpus.sources[number].train
            return SourceReading(
                name: corpus.sources[number].name, tokens: stream.count, context: context,
                sequences: mixture.available[number], usedSequences: mixture.used[number],
                unusedTokens: stream.unusedTokens(context: context),
                share: Double(reads[number].all) / Double(max(1, all)), reads: reads[number])
        }
    }
}
