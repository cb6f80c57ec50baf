import Crypto
import Experiment
import Foundation
import Tokenization

/// A folder of token shards with its index, checked and open for reading.
public struct PreparedCorpus: Sendable {
    static let indexFile = "index.json"
    static let tokenizerFile = "tokenizer.json"

    /// Where it is.
    public let folder: URL
    /// Counts, digests and sources.
    public let index: CorpusIndex
    /// What made the ids, and makes text of them.
    public let tokenizer: any Tokenizer
    /// The tokens to train on.
    public let train: TokenStream
    /// The tokens to evaluate on.
    public let heldOut: TokenStream

    /// Opens a folder. Sizes of all shards are always checked; `verifying` also reads every shard, and checks its
    /// SHA-256 and that its ids are inside of the vocabulary.
    /// Throws `Failure(.badData)` naming the file that is missing, malformed, truncated or altered.
    public init(opening folder: URL, verifying: Bool) throws {
        self.folder = folder
        index = try Self.readIndex(folder)
        tokenizer = try Tokenizers.read(folder.appending(component: Self.tokenizerFile))
        guard try tokenizer.digest == index.tokenizerDigest, tokenizer.vocabulary == index.vocabulary else {
            throw Failure(
                .badData,
                "\(folder.path)/\(Self.tokenizerFile) is not the tokenizer that the corpus was prepared with; prepare it again."
            )
        }
        for shard in index.train.shards + index.heldOut.shards { try Self.checkSize(shard, in: folder, index.dtype) }
        train = try TokenStream(folder: folder, side: index.train, element: index.dtype)
        heldOut = try TokenStream(folder: folder, side: index.heldOut, element: index.dtype)
        if verifying { try verify() }
    }

    /// Ids are 0..<vocabulary.
    public var vocabulary: Int { index.vocabulary }

    /// Identity of both token streams, in hexadecimal.
    public var contentDigest: String { index.contentDigest }

    /// One side's tokens.
    public func stream(_ side: CorpusSide) -> TokenStream { side == .train ? train : heldOut }

    /// Bytes of held-out text per token, for bits per byte = loss / ln 2 / bytesPerToken; nil where tokens are not text.
    public var heldOutBytesPerToken: Double? {
        index.heldOut.bytes.map { Double($0) / Double(index.heldOut.tokens) }
    }

    /// The index of a folder, with its counts checked against each other.
    static func readIndex(_ folder: URL) throws -> CorpusIndex {
        let file = folder.appending(component: indexFile)
        let index = try JSONFile.read(CorpusIndex.self, from: file)
        func malformed(_ reason: String) -> Failure {
            Failure(.badData, "\(file.path) is malformed (\(reason)); prepare the corpus again.")
        }
        guard index.schema == CorpusIndex.currentSchema else {
            throw malformed("its schema is \"\(index.schema)\", not \"\(CorpusIndex.currentSchema)\"")
        }
        guard index.vocabulary > 0, index.dtype == CorpusIndex.ElementType(vocabulary: index.vocabulary) else {
            throw malformed("a vocabulary of \(index.vocabulary) is not stored as \(index.dtype.rawValue)")
        }
        for side in CorpusSide.allCases {
            let counts = index.side(side)
            let sum = counts.shards.reduce(0) { $0.addingReportingOverflow($1.tokens).partialValue }
            guard counts.tokens > 0, counts.shards.allSatisfy({ $0.tokens >= 0 }), sum == counts.tokens else {
                throw malformed("the \(side.rawValue) side has \(counts.tokens) tokens, its shards have \(sum)")
            }
        }
        for shard in index.train.shards + index.heldOut.shards {
            // A name only: an index from elsewhere must not lead out of its folder.
            guard !shard.file.contains("/"), !shard.file.hasPrefix(".") else {
                throw malformed("\"\(shard.file)\" is not the name of a shard")
            }
        }
        return index
    }

    /// The bytes of a file, mapped, not read.
    static func map(_ file: URL) throws -> Data {
        do {
            return try Data(contentsOf: file, options: .alwaysMapped)
        } catch {
            throw Failure(
                .badData, "Cannot read the token shard \(file.path) (\(error.reason)); prepare the corpus again.")
        }
    }

    private static func checkSize(
        _ shard: CorpusIndex.Shard, in folder: URL, _ element: CorpusIndex.ElementType
    ) throws {
        let path = folder.appending(component: shard.file).path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = (attributes?[.size] as? NSNumber)?.intValue else {
            throw Failure(.badData, "The token shard \(path) is missing; prepare the corpus again.")
        }
        let (expected, overflow) = shard.tokens.multipliedReportingOverflow(by: element.bytes)
        guard !overflow, size == expected else {
            throw Failure(
                .badData,
                "The token shard \(path) has \(size) bytes instead of the \(shard.tokens) × \(element.bytes) of its "
                    + "index; prepare the corpus again.")
        }
    }

    private func verify() throws {
        for shard in index.train.shards + index.heldOut.shards {
            let file = folder.appending(component: shard.file)
            let data = try Self.map(file)
            guard SHA256.hash(data: data).hexadecimal == shard.sha256 else {
                throw Failure(
                    .badData,
                    "The token shard \(file.path) was altered: its SHA-256 is not that of the index; prepare the corpus again."
                )
            }
        }
        for side in CorpusSide.allCases { try checkIDs(stream(side), side) }
    }

    private func checkIDs(_ stream: TokenStream, _ side: CorpusSide) throws {
        let stretch = 1 << 16
        var ids = [Int32](repeating: 0, count: stretch)
        for start in stride(from: 0, to: stream.count, by: stretch) {
            let count = min(stretch, stream.count - start)
            stream.copy(start..<start + count, into: &ids, at: 0)
            let limit = Int32(clamping: vocabulary)
            if let odd = ids[..<count].firstIndex(where: { $0 < 0 || $0 >= limit }) {
                throw Failure(
                    .badData,
                    "Token \(start + odd) of the \(side.rawValue) shards in \(folder.path) is \(ids[odd]), outside of "
                        + "the vocabulary of \(vocabulary); prepare the corpus again.")
            }
        }
    }
}
