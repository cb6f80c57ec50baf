/// The lines of a file, each held whole, however long.
final class LineReader {
    struct Line {
        /// Without the line feed.
        let bytes: [UInt8]
        /// From 1.
        let number: Int
        /// Of its first byte.
        let offset: Int
    }

    private static let chunkBytes = 65_536

    private let stream: any ByteStream
    private var buffer: [UInt8] = []
    /// Of the first byte in `buffer`.
    private var offset = 0
    /// Where the next line starts in `buffer`.
    private var start = 0
    private var number = 0
    private var isComplete = false

    init(_ stream: any ByteStream) { self.stream = stream }

    /// The next line; nil at the end. The last one needs no line feed.
    func next() throws -> Line? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) { return take(to: end) }
            if isComplete { return start < buffer.count ? take(to: buffer.count) : nil }
            buffer.removeSubrange(..<start)
            (offset, start) = (offset + start, 0)
            searched = buffer.count
            let chunk = try stream.read(Self.chunkBytes)
            isComplete = chunk.count < Self.chunkBytes
            buffer += chunk
        }
    }

    private func take(to end: Int) -> Line {
        number += 1
        defer { start = min(end + 1, buffer.count) }
        return Line(bytes: Array(buffer[start..<end]), number: number, offset: offset + start)
    }
}
