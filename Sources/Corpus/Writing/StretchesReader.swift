import Experiment
import Tokenization

/// What comes next in a text that is read for the second time.
enum TextItem: Sendable {
    case chunk(TextChunk)
    case endOfFile
    case endOfSource
}

/// Reads all files of scanned text again, in order, from a position on.
final class StretchesReader {
    private let text: ScannedText
    private let tokenizer: any Tokenizer
    private var source: Int
    private var file: Int
    /// Stretches of the present file that are to be passed over.
    private var passing: Int
    private var reader: FileReader?

    init(_ text: ScannedText, from position: WritingPosition, tokenizer: any Tokenizer) {
        self.text = text
        self.tokenizer = tokenizer
        source = position.source
        file = position.file
        passing = position.stretch
    }

    /// Nil at the end of the text.
    func next() throws -> TextItem? {
        guard source < text.sources.count else { return nil }
        let files = text.sources[source].files
        guard file < files.count else {
            (source, file) = (source + 1, 0)
            return .endOfSource
        }
        let open =
            try reader
            ?? FileReader(
                files[file], number: file, split: text.sources[source].split, options: text.options,
                tokenizer: tokenizer)
        reader = open
        while let chunk = try open.next() {
            guard passing > 0 else { return .chunk(chunk) }
            if chunk.ends { passing -= 1 }
        }
        reader = nil
        passing = 0
        file += 1
        return .endOfFile
    }

    /// Items with about so many bytes of text in all; empty at the end.
    func batch(bytes: Int) throws -> [TextItem] {
        var items: [TextItem] = []
        var read = 0
        while read < bytes, let item = try next() {
            items.append(item)
            // Ends count something too, so that a million small documents do not become one batch.
            if case .chunk(let chunk) = item { read += chunk.content.count + 64 }
        }
        return items
    }
}
