import Experiment
import Foundation
import Tokenization

/// Part of an unbroken stretch of a document on one side of the split, cut where cutting changes no token.
struct TextChunk: Sendable {
    let side: CorpusSide
    let content: DocumentPiece.Content
    /// Where the stretch comes from, when this is its first chunk.
    let begins: Place?
    /// It is the stretch's last chunk.
    let ends: Bool
}

/// Reads a scanned file again, as chunks of the stretches that stay, in order. Holds about one chunk.
final class FileReader {
    /// Bytes of a usual chunk of text.
    static let chunkBytes = 1 << 18
    /// Text in which nothing allows a cut is cut at a character all the same when there is so much of it.
    static let mostBytes = 1 << 20

    private let file: ScannedText.File
    private let number: Int
    private let split: HeldOutSplit
    private let tokenizer: any Tokenizer
    private let reader: any DocumentReader
    /// Number of the next piece: of its unit in the file.
    private var unit = 0
    /// Of the next piece in its document: bytes of text, or ids.
    private var offset = 0
    private var document = -1
    /// A piece that was read and is not yet part of the stretch.
    private var ahead: Piece?
    private var stretch: Stretch?

    /// - Parameters:
    ///   - number: of the file in its source.
    ///   - tokenizer: says where text may be cut.
    init(
        _ file: ScannedText.File, number: Int, split: HeldOutSplit, options: ReadingOptions,
        tokenizer: any Tokenizer
    ) throws {
        self.file = file
        self.number = number
        self.split = split
        self.tokenizer = tokenizer
        reader = try file.file.open(options)
    }

    /// A piece that stays.
    private struct Piece {
        let side: CorpusSide
        let content: DocumentPiece.Content
        let place: Place
    }

    /// The stretch that is being read.
    private struct Stretch {
        let side: CorpusSide
        let document: Int
        /// Where it began, until that was told.
        var begins: Place?
        /// What was read of it and not yet handed out.
        var text: [UInt8] = []

        func holds(_ piece: Piece) -> Bool { piece.side == side && piece.place.document == document }

        mutating func chunk(_ content: DocumentPiece.Content, ends: Bool) -> TextChunk {
            defer { begins = nil }
            return TextChunk(side: side, content: content, begins: begins, ends: ends)
        }
    }

    /// The next chunk; nil at the end of the file.
    /// Throws `Failure(.badData)` when the file is not what was scanned.
    func next() throws -> TextChunk? {
        while true {
            if ahead == nil { ahead = try nextPiece() }
            if var present = stretch {
                stretch = nil
                guard let piece = ahead, present.holds(piece) else {
                    return present.chunk(.text(present.text), ends: true)
                }
                ahead = nil
                let chunk = absorb(piece.content, into: &present)
                stretch = present
                if let chunk { return chunk }
            } else if let piece = ahead {
                stretch = Stretch(side: piece.side, document: piece.place.document, begins: piece.place)
            } else {
                return nil
            }
        }
    }

    /// Ids are handed out as they come; text when there is enough of it.
    private func absorb(_ content: DocumentPiece.Content, into stretch: inout Stretch) -> TextChunk? {
        guard case .text(let more) = content else { return stretch.chunk(content, ends: false) }
        stretch.text += more
        guard let place = cut(stretch.text), place > 0 else { return nil }
        let text = Array(stretch.text[..<place])
        stretch.text.removeFirst(place)
        return stretch.chunk(.text(text), ends: false)
    }

    private func cut(_ text: [UInt8]) -> Int? {
        guard text.count > Self.chunkBytes else { return nil }
        if let place = tokenizer.safeCut(text, upTo: Self.chunkBytes) { return place }
        guard text.count >= Self.mostBytes else { return nil }
        return (Self.mostBytes - 4..<Self.mostBytes).last { text[$0] & 0xC0 != 0x80 }
    }

    /// The next piece of a document that stays.
    private func nextPiece() throws -> Piece? {
        while let piece = try reader.next() {
            if piece.document != document { (document, offset) = (piece.document, 0) }
            guard document < file.documents.count, unit < file.units.count,
                file.documents[document].units.contains(unit)
            else { throw changed }
            let hash = HeldOutSplit.hash(piece.content.hashedBytes)
            guard hash == file.units[unit] else { throw changed }
            defer {
                unit += 1
                offset += piece.content.count
            }
            guard file.documents[document].isKept else { continue }
            let place = Place(file: number, document: document, line: piece.line ?? 0, offset: offset)
            return Piece(side: split.side(of: hash), content: piece.content, place: place)
        }
        guard unit == file.units.count else { throw changed }
        return nil
    }

    private var changed: Failure {
        Failure(.badData, "\(file.file.path) changed while it was read; start again when it is complete.")
    }
}

extension DocumentPiece.Content {
    /// Bytes of text, or ids.
    var count: Int {
        switch self {
        case .text(let text): text.count
        case .tokens(let ids): ids.count
        }
    }
}
