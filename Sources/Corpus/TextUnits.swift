import Experiment
import Foundation

/// The units of one document, read in order: the document itself, or consecutive pieces of 64 KiB, each cut backed up
/// to the start of a character. Holds one piece at a time; checks that it is text.
final class TextUnits {
    /// Bytes of a piece.
    static let pieceBytes = 65_536

    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    /// Of the first byte in `buffer`.
    private var offset = 0

    init(path: String) throws {
        self.path = path
        do {
            handle = try FileHandle(forReadingFrom: URL(filePath: path))
        } catch {
            throw Failure(.badData, "Cannot open \(path); check that you may read it.")
        }
    }

    /// The next unit, never empty; nil at the end. Throws `Failure(.badData)` with the offset of the first byte that
    /// is not text.
    func next() throws -> [UInt8]? {
        try fill()
        guard !buffer.isEmpty else { return nil }
        let unit = Array(buffer[..<cut])
        try check(unit)
        buffer.removeFirst(unit.count)
        offset += unit.count
        return unit
    }

    /// Reads until the buffer holds a piece and the byte behind it, or the file ends.
    private func fill() throws {
        while buffer.count <= Self.pieceBytes {
            let data: Data?
            do {
                data = try handle.read(upToCount: Self.pieceBytes + 1 - buffer.count)
            } catch {
                throw Failure(.badData, "Reading \(path) failed at byte \(offset + buffer.count): \(error.reason).")
            }
            guard let data, !data.isEmpty else { return }
            buffer.append(contentsOf: data)
        }
    }

    /// Where the unit at the start of the buffer ends.
    private var cut: Int {
        guard buffer.count > Self.pieceBytes else { return buffer.count }
        // A character has at most three continuation bytes; more of them are an error that `check` names.
        let starts = (Self.pieceBytes - 3...Self.pieceBytes).last { buffer[$0] & 0xC0 != 0x80 }
        return starts ?? Self.pieceBytes
    }

    private func check(_ unit: [UInt8]) throws {
        var invalid: Int?
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: unit.span)
        } catch {
            invalid = error.byteOffsets.lowerBound
        }
        if let zero = unit.firstIndex(of: 0), zero < invalid ?? unit.count {
            throw Failure(
                .badData,
                "\(path) looks like a binary file (byte \(offset + zero) is zero); leave it out of the corpus.")
        }
        if let invalid {
            throw Failure(
                .badData,
                "\(path) is not UTF-8 text at byte \(offset + invalid); convert it to UTF-8 or leave it out of the corpus."
            )
        }
    }
}
