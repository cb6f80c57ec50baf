import Experiment
import Foundation

/// An unbroken stretch of a document on one side of the split, and where its tokens are.
public struct Place: Sendable, Equatable {
    /// In the side's stream.
    public var firstToken = 0
    /// Number of the file in the source's `files`.
    public var file = 0
    /// Number of the document in the file, from 0.
    public var document = 0
    /// Line of the file that the document is on, from 1, for .jsonl; 0 elsewhere.
    public var line = 0
    /// Of the stretch's first byte in the document's text; of its first token in a token file's document.
    public var offset = 0
    /// Bytes of the stretch's text; of a token file, of the text that its tokens stand for.
    public var bytes = 0
}

/// The places of a stream, in the order of its tokens: six little-endian uint64 each, mapped into memory.
public struct Places: Sendable {
    static let recordBytes = 48

    /// Stretches of the stream.
    public let count: Int
    private let data: Data

    /// The size must have been checked against the index.
    init(_ file: URL) throws {
        data = try PreparedCorpus.map(file)
        count = data.count / Self.recordBytes
    }

    /// The stretch with this number.
    public subscript(index: Int) -> Place {
        precondition(index >= 0 && index < count, "stretch \(index) is outside of 0..<\(count)")
        func field(_ number: Int) -> Int {
            let start = index * Self.recordBytes + 8 * number
            return (0..<8).reduce(0) { $0 | Int(data[start + $1]) << (8 * $1) }
        }
        return Place(
            firstToken: field(0), file: field(1), document: field(2), line: field(3), offset: field(4), bytes: field(5))
    }

    /// The number of the stretch that a token is in; end-of-text belongs to what it ends. O(log count).
    public func index(ofToken token: Int) -> Int {
        var low = 0
        var high = count
        while low + 1 < high {
            let middle = (low + high) / 2
            if self[middle].firstToken <= token { low = middle } else { high = middle }
        }
        return low
    }

    static func encode(_ place: Place) -> [UInt8] {
        [place.firstToken, place.file, place.document, place.line, place.offset, place.bytes].flatMap { field in
            (0..<8).map { UInt8(truncatingIfNeeded: field >> (8 * $0)) }
        }
    }
}
