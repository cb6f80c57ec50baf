import Experiment
import Foundation

/// Tokens of a piece of text, as shards store them.
struct EncodedText: Sendable {
    let ids: [UInt8]
    let textBytes: Int
    let characters: Int
}

/// Writes one side of one source: its shards, its places, its counts.
final class SideWriter {
    /// What a later process needs to go on.
    struct State: Codable, Equatable {
        var shards = ShardWriter.State()
        var places: GrowingFile.State?
        var stretches = 0
        var bytes = 0
        var characters = 0
    }

    private let shards: ShardWriter
    private let places: GrowingFile
    private let endOfText: [UInt8]
    private var stretches: Int
    private var bytes: Int
    private var characters: Int
    /// The stretch that is being written.
    private var place: Place?

    init(
        folder: URL, prefix: String, element: CorpusIndex.ElementType, endOfText: Int?, shardTokens: Int,
        resuming state: State
    ) throws {
        shards = try ShardWriter(
            folder: folder, prefix: prefix, element: element, shardTokens: shardTokens, resuming: state.shards)
        places =
            try state.places.map { try GrowingFile(resuming: $0, in: folder) }
            ?? GrowingFile(creating: prefix + ".places", in: folder)
        self.endOfText = endOfText.map { element.encode([Int32($0)]) } ?? []
        stretches = state.stretches
        bytes = state.bytes
        characters = state.characters
    }

    /// Begins a stretch; its first token and size are filled in.
    func begin(_ place: Place) {
        precondition(self.place == nil, "a stretch is ended before the next begins")
        self.place = place
        self.place?.firstToken = shards.tokens
        self.place?.bytes = 0
    }

    /// Appends to the stretch.
    func append(_ text: EncodedText) throws {
        try shards.append(text.ids)
        place?.bytes += text.textBytes
        bytes += text.textBytes
        characters += text.characters
    }

    /// Ends the stretch, with end-of-text where the tokenizer has it.
    func end() throws {
        guard let place else { preconditionFailure("no stretch was begun") }
        try shards.append(endOfText)
        try places.append(Places.encode(place)[...])
        stretches += 1
        self.place = nil
    }

    /// Between stretches only.
    func commit() throws -> State {
        precondition(place == nil, "a stretch is committed whole")
        return State(
            shards: try shards.commit(), places: try places.commit(), stretches: stretches, bytes: bytes,
            characters: characters)
    }

    func finish(documents: Int, isText: Bool) throws -> CorpusIndex.Side {
        let places = try places.finish()
        return CorpusIndex.Side(
            tokens: shards.tokens, documents: documents, stretches: stretches, bytes: isText ? bytes : nil,
            characters: isText ? characters : nil, shards: try shards.finish(),
            places: .init(file: places.file, tokens: stretches, sha256: places.sha256))
    }
}

extension CorpusIndex.ElementType {
    /// Ids as they are stored; they must be inside of the vocabulary that the type was chosen for.
    func encode(_ ids: [Int32]) -> [UInt8] {
        var stored = [UInt8](repeating: 0, count: bytes * ids.count)
        switch self {
        case .uint16:
            for i in ids.indices {
                stored[2 * i] = UInt8(truncatingIfNeeded: ids[i])
                stored[2 * i + 1] = UInt8(truncatingIfNeeded: ids[i] >> 8)
            }
        case .uint32:
            for i in ids.indices {
                for byte in 0..<4 { stored[4 * i + byte] = UInt8(truncatingIfNeeded: ids[i] >> Int32(8 * byte)) }
            }
        }
        return stored
    }
}
