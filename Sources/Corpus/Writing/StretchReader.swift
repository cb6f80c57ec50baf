import Experiment
import Foundation

/// Part of an unbroken stretch of text on one side of the split, cut where cutting changes no token.
struct TextChunk: Sendable {
    let side: CorpusSide
    let text: [UInt8]
    /// Where the stretch comes from, when this is its first chunk.
    let begins: Place?
    /// It is the stretch's last chunk.
    let ends: Bool
}

/// Reads a scanned file again, as chunks of its stretches in order. Holds about one chunk.
final class StretchReader {
    /// Bytes of a usual chunk.
    static let chunkBytes = 1 << 18
    /// A chunk in which nothing allows a cut is cut at a character all the same when it has so many bytes.
    static let mostBytes = 1 << 20

    private let file: ScannedText.File
    private let number: Int
    private let split: HeldOutSplit
    private let cut: (ArraySlice<UInt8>) -> Int?
    private let units: TextUnits
    private var document = 0
    private var unit = 0
    private var offset = 0
    /// Of the present stretch: what was read and not yet handed out.
    private var text: [UInt8] = []
    private var side: CorpusSide?
    private var begins: Place?

    /// - Parameters:
    ///   - number: of the file in its source.
    ///   - cut: the last position in a text at which cutting it changes no token.
    init(
        _ file: ScannedText.File, number: Int, split: HeldOutSplit, cut: @escaping (ArraySlice<UInt8>) -> Int?
    ) throws {
        self.file = file
        self.number = number
        self.split = split
        self.cut = cut
        units = try TextUnits(path: file.file.path)
    }

    /// The next chunk; nil at the end of the file.
    /// Throws `Failure(.badData)` when the file is not what was scanned.
    func next() throws -> TextChunk? {
        while true {
            if let side, text.count >= Self.chunkBytes {
                let place = cut(text[..<Self.chunkBytes]) ?? (text.count >= Self.mostBytes ? Self.chunkBytes : nil)
                if let place, place > 0 { return hand(place, of: side) }
            }
            let next = try nextUnit()
            if let side, side != next?.side {
                let last = TextChunk(side: side, text: text, begins: begins, ends: true)
                text = []
                self.side = nil
                begin(next)
                return last
            }
            guard let next else { return nil }
            if side == nil { begin(next) } else { text += next.text }
        }
    }

    private struct Unit {
        let side: CorpusSide
        let text: [UInt8]
        let place: Place
    }

    private func begin(_ unit: Unit?) {
        side = unit?.side
        begins = unit?.place
        text = unit?.text ?? []
    }

    private func hand(_ count: Int, of side: CorpusSide) -> TextChunk {
        let chunk = TextChunk(side: side, text: Array(text[..<count]), begins: begins, ends: false)
        text.removeFirst(count)
        begins = nil
        return chunk
    }

    private func nextUnit() throws -> Unit? {
        let expected = file.documents[document].units
        guard unit < expected.count else {
            guard try units.next() == nil else { throw changed }
            return nil
        }
        guard let text = try units.next(), HeldOutSplit.hash(text) == expected[unit] else { throw changed }
        let place = Place(file: number, document: document, offset: offset)
        let side = split.side(of: expected[unit])
        unit += 1
        offset += text.count
        return Unit(side: side, text: text, place: place)
    }

    private var changed: Failure {
        Failure(.badData, "\(file.file.path) changed while it was read; start again when it is complete.")
    }
}
