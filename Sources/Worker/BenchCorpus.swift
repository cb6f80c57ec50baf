import ArgumentParser
import Communication
import Corpus
import Experiment
import Foundation
import Tensors

/// A corpus prepared as a run does it, by rank 0, and batches filled from it by all ranks at once.
struct BenchCorpus: RankedBench {
    static let configuration = CommandConfiguration(
        commandName: "corpus", abstract: "MB/s of preparing a corpus, and tokens per second of filling batches.",
        discussion: """
            Preparing reads and hashes the text, splits it, tokenizes it, writes shards and verifies them. Filling copies and \
            hashes the sequences of slots in the run's order. Nothing is kept. With several hosts the temporary folder \
            (TMPDIR) must be one that all see.

            Examples:
              apus bench corpus data/books
              apus bench corpus --megabytes 64 --context 1024 --slot 4 --json
            """)

    @Argument(help: "Text files and folders; a generated text unless given.") var paths: [String] = []
    @Option(help: "Megabytes of the generated text.") var megabytes = 16
    @Option(help: "As in corpus.tokenizer of a configuration.") var tokenizer = "bytes"
    @Option(help: "Tokens of a sequence.") var context = 256
    @Option(help: "Sequences of a slot.") var slot = 8
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard megabytes > 0, context > 0, slot > 0 else {
            throw ValidationError("--megabytes, --context and --slot must be 1 or more.")
        }
    }

    struct Result: BenchResult {
        /// Of the text.
        let bytes: Int
        let tokens: Int
        let tokenizer: String
        let prepareSeconds: Double
        let prepareMegabytesPerSecond: Double
        /// Of all ranks together.
        let fillTokensPerSecond: Double
        let ranks: Int
    }

    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result {
        guard link.rank == 0 else { return try measure(nil, link: link) }
        return try ScratchFolder.use { try measure($0, link: link) }
    }

    /// - Parameter folder: of rank 0, which prepares there.
    private func measure<Link: Communicator>(_ folder: URL?, link: Link) throws -> Result {
        var place = ""
        var preparing = 0.0
        if let folder {
            let texts = try paths.isEmpty ? [GeneratedText.write(megabytes: megabytes, to: folder)] : paths
            let prepared = folder.appendingPathComponent("corpus")
            preparing = try seconds {
                _ = try CorpusPreparation.prepare(CorpusConfig(paths: texts, tokenizer: tokenizer), out: prepared)
            }
            place = prepared.path
        }
        try link.idleBarrier()
        place = String(decoding: try link.broadcast(Array(place.utf8), from: 0), as: UTF8.self)
        let corpus = try PreparedCorpus(opening: URL(fileURLWithPath: place), verifying: false)
        let filling = try link.allBusy { try fillTokensPerSecond(corpus, rank: link.rank) }
        let bytes = corpus.index.sources.flatMap(\.files).reduce(0) { $0 + $1.bytes }
        return Result(
            bytes: bytes, tokens: corpus.index.trainTokens + corpus.index.heldOutTokens, tokenizer: tokenizer,
            prepareSeconds: preparing, prepareMegabytesPerSecond: Double(bytes) / 1e6 / preparing,
            fillTokensPerSecond: filling * Double(link.ranks), ranks: link.ranks)
    }

    /// Of this rank: one slot a step, other ones than the other ranks', for half a second.
    private func fillTokensPerSecond(_ corpus: PreparedCorpus, rank: Int) throws -> Double {
        var data = try TrainingData(
            corpus, context: context, sequencesPerStep: (rank + 1) * slot, slot: slot, limitTokens: nil, seed: 1)
        var batch = Batch(capacity: slot, context: context)
        let begun = Stopwatch()
        var steps = 0
        while steps == 0 || begun.seconds < 0.5 {
            data.fill(step: steps, slot: rank, into: &batch)
            _ = data.batchDigest(step: steps, slot: rank)
            steps += 1
        }
        return Double(steps * slot * context) / begun.seconds
    }
}

extension BenchCorpus.Result {
    var text: String {
        """
        \(rounded(Double(bytes) / 1e6, 1)) MB of text, \(tokens) tokens, tokenizer \(tokenizer)
        prepared in  \(rounded(prepareSeconds, 3)) s, \(rounded(prepareMegabytesPerSecond, 1)) MB/s
        filled at    \(rounded(fillTokensPerSecond / 1e6, 2)) million tokens/s on \(ranks) rank(s)
        """
    }
}

/// Text without sense: words of 2 to 9 letters, the same for everybody.
private enum GeneratedText {
    /// - Returns: the file's path.
    static func write(megabytes: Int, to folder: URL) throws -> String {
        let file = folder.appendingPathComponent("text.txt")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        let stream = RandomStream(seed: 1, purpose: "bench corpus")
        var word: UInt64 = 0
        for _ in 0..<megabytes {
            var text: [UInt8] = []
            text.reserveCapacity(1_000_010)
            while text.count < 1_000_000 {
                append(stream.bits(word), to: &text)
                word += 1
            }
            try handle.write(contentsOf: text.prefix(1_000_000))
        }
        return file.path
    }

    /// A word and what follows it: a space, and now and then the end of a line.
    private static func append(_ bits: UInt64, to text: inout [UInt8]) {
        for letter in 0..<(2 + bits % 8) { text.append(UInt8(ascii: "a") + UInt8(bits >> (8 + 4 * letter) & 15)) }
        text.append(UInt8(ascii: bits >> 60 == 0 ? "\n" : " "))
    }
}
