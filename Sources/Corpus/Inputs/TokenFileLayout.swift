import Experiment

/// How the ids lie in a token file. Two programs write such files under one ending:
/// - nanoGPT (`data/openwebtext/prepare.py`): little-endian uint16 ids and nothing else; here also uint32 ids, where
///   the vocabulary needs them.
/// - llm.c (`dev/data/data_common.py`): 256 int32 of header (magic number, version, count of ids, zeros), then the
///   ids: uint16 for GPT-2 (magic 20240520, version 1), uint32 for Llama 3 (20240801, version 7).
///
/// As a raw file's first ids, a magic number would be an accident of one in 2^31.
struct TokenFileLayout: Equatable {
    /// Of llm.c.
    static let headerBytes = 1_024

    let element: Element
    /// Bytes in front of the ids.
    let start: Int
    /// Ids, where the file tells.
    let count: Int?

    enum Element: String {
        case uint16
        case uint32

        /// Of an id.
        var bytes: Int { self == .uint16 ? 2 : 4 }

        /// The whole ids in little-endian bytes. Of uint32, those that are no Int32 come out negative.
        func ids(_ bytes: [UInt8]) -> [Int32] {
            switch self {
            case .uint16:
                (0..<bytes.count / 2).map { Int32(UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8) }
            case .uint32:
                (0..<bytes.count / 4).map { i in
                    let low = UInt32(bytes[4 * i]) | UInt32(bytes[4 * i + 1]) << 8
                    let high = UInt32(bytes[4 * i + 2]) | UInt32(bytes[4 * i + 3]) << 8
                    return Int32(bitPattern: low | high << 16)
                }
            }
        }
    }

    private static let headers: [Int32: (version: Int32, element: Element)] = [
        20_240_520: (1, .uint16), 20_240_801: (7, .uint32),
    ]

    /// - Parameter firstBytes: the file's first `headerBytes`, or all where it has fewer.
    /// - Throws: `Failure(.badData)` for a header of llm.c that is cut off or of a version that is not known.
    init(firstBytes: [UInt8], path: String, vocabulary: Int) throws {
        let header = Element.uint32.ids(Array(firstBytes.prefix(12)))
        guard let magic = header.first, let known = Self.headers[magic] else {
            (element, start, count) = (vocabulary > 65_536 ? .uint32 : .uint16, 0, nil)
            return
        }
        guard firstBytes.count == Self.headerBytes else {
            throw Failure(
                .badData,
                "\(path) starts as a token file of llm.c, but ends within its header of \(Self.headerBytes) bytes; get "
                    + "it anew.")
        }
        guard header[1] == known.version, header[2] >= 0 else {
            throw Failure(
                .badData,
                "\(path) starts as a token file of llm.c (magic number \(magic)), but of version \(header[1]) with "
                    + "\(header[2]) ids; version \(known.version) can be read: write it anew.")
        }
        (element, start, count) = (known.element, Self.headerBytes, Int(header[2]))
    }

    /// Throws `Failure(.badData)` for a file that cannot have this size.
    func check(bytes: Int, path: String) throws {
        if let count, bytes != start + count * element.bytes {
            throw Failure(
                .badData,
                "\(path) says in its header that it holds \(count) ids (\(start + count * element.bytes) bytes), but it "
                    + "has \(bytes) bytes; get it anew.")
        }
        guard (bytes - start).isMultiple(of: element.bytes) else {
            throw Failure(
                .badData,
                "\(path) has \(bytes) bytes, which are no whole number of \(element) ids; get it anew, or leave it out "
                    + "of the corpus.")
        }
    }

    /// What is said of an id that the vocabulary does not have.
    func unknownID(_ id: Int32, at position: Int, vocabulary: Int, path: String) -> Failure {
        Failure(
            .badData,
            "\(path) holds the id \(UInt32(bitPattern: id)) at token \(position) (byte "
                + "\(start + position * element.bytes), read as \(element)), outside of the tokenizer's \(vocabulary) "
                + "ids; give the tokenizer that made the file.")
    }
}
