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
    /// Its named parts, in order.
    public let sources: [PreparedSource]

    /// Opens a folder. Sizes of all shards are always checked; `verifying` also reads every shard, and checks its
    /// SHA-256 and that its ids are inside of the vocabulary.
    /// Throws `Failure(.badData)` naming the file that is missing, malformed, truncated or altered.
    public init(opening folder: URL, verifying: Bool) throws {
        self.folder = folder
        let index = try Self.readIndex(folder)
        self.index = index
        tokenizer = try Tokenizers.read(folder.appending(component: Self.tokenizerFile))
        guard try tokenizer.digest == index.tokenizerDigest, tokenizer.vocabulary == index.vocabulary else {
            throw Failure(
                .badData,
                "\(folder.path)/\(Self.tokenizerFile) is not the tokenizer that the corpus was prepared with; prepare it again."
            )
        }
        sources = try index.sources.map { try PreparedSource($0, in: folder, element: index.dtype) }
        if verifying { try verify() }
    }

    /// Ids are 0..<vocabulary.
    public var vocabulary: Int { index.vocabulary }

    /// Identity of all token streams, in hexadecimal.
    public var contentDigest: String { index.contentDigest }

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
        guard !index.sources.isEmpty, Set(index.sources.map(\.name)).count == index.sources.count else {
            throw malformed("it has no source, or two of one name")
        }
        if let odd = index.sources.compactMap({ SourceConfig.problem(ofName: $0.name) }).first {
            throw malformed("a source's name \(odd)")
        }
        for source in index.sources {
            for side in CorpusSide.allCases {
                if let problem = problem(of: source.side(side)) {
                    throw malformed("the \(side.rawValue) side of \(source.name) \(problem)")
                }
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

    private static func problem(of side: CorpusIndex.Side) -> String? {
        let sum = side.shards.reduce(0) { $0.addingReportingOverflow($1.tokens).partialValue }
        guard side.tokens > 0, side.shards.allSatisfy({ $0.tokens >= 0 }), sum == side.tokens else {
            return "has \(side.tokens) tokens, its shards have \(sum)"
        }
        // A name only: an index from elsewhere must not lead out of its folder.
        let odd = (side.shards + [side.places]).first { $0.file.contains("/") || $0.file.hasPrefix(".") }
        return odd.map { "names \"\($0.file)\", which is not the name of a shard" }
    }
}
