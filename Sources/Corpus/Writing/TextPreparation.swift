import Experiment
import Foundation
import Tokenization

/// The steps from named paths to a corpus of text: list the files, scan them, get the tokenizer.
struct TextPreparation {
    /// The sources' files.
    let texts: [NamedText]
    private let config: CorpusConfig
    private let specification: TokenizerSpecification
    /// Nil for one that is to be trained.
    private let tokenizer: (any Tokenizer)?
    private let jobs: Int
    private let progress: (CorpusProgress) -> Void

    /// - Parameter spool: where standard input is copied to; nil refuses it.
    /// - Throws: `Failure` for paths that are missing, and for a tokenizer that cannot be used.
    init(_ config: CorpusConfig, jobs: Int, spool: URL?, progress: @escaping (CorpusProgress) -> Void) throws {
        self.config = config
        self.jobs = jobs
        self.progress = progress
        specification = try TokenizerSpecification(config.tokenizer)
        switch specification {
        case .train: tokenizer = nil
        default: tokenizer = try Tokenizers.named(config.tokenizer)
        }
        if let tokenizer, tokenizer.endOfText == nil {
            throw Failure(
                .badData,
                "The tokenizer \(config.tokenizer) has no token for end of text, so documents could not be kept apart; "
                    + "add <|endoftext|> to it.")
        }
        texts = try config.textSources.map {
            NamedText(name: $0.name, files: try TextSources(paths: $0.paths, spool: spool).files)
        }
    }

    /// What the ids will depend on besides the text.
    var tokenizerIdentity: String {
        get throws { try tokenizer?.digest ?? config.tokenizer }
    }

    private var storedBytes: Int { texts.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.bytes } } }
    /// The files are read once to check them, perhaps once to learn from, and once to encode them.
    private var passes: Int { tokenizer == nil ? 3 : 2 }

    private func tell(_ part: Double, ofPass pass: Int) {
        progress(
            .work(done: Int((Double(pass) + part) * Double(storedBytes)), total: passes * storedBytes))
    }

    /// Checks, measures, selects and splits the text.
    func scan() throws -> ScannedText {
        let options = ReadingOptions(
            field: config.field, invalid: config.invalid, vocabulary: tokenizer?.vocabulary,
            endOfText: tokenizer?.endOfText)
        var read = 0
        return try ScannedText(texts, config: config, options: options, jobs: jobs) { bytes in
            read += bytes
            tell(Double(read) / Double(max(1, storedBytes)), ofPass: 0)
        }
    }

    /// The text with its tokenizer; one that is trained is kept in `folder`, for a process that goes on there.
    func corpus(_ text: ScannedText, in folder: URL) throws -> any CorpusSource {
        let ready = try tokenizer ?? trained(on: text, in: folder)
        return try TextCorpus(text, tokenizer: ready, config: config, jobs: jobs) { tell($0, ofPass: passes - 1) }
    }

    private func trained(on text: ScannedText, in folder: URL) throws -> any Tokenizer {
        guard case .train(let vocabulary, let pattern) = specification else {
            preconditionFailure("only a tokenizer that is to be trained is missing")
        }
        let file = folder.appending(component: Tokenizers.fileName)
        if FileManager.default.fileExists(atPath: file.path) { return try Tokenizers.read(file) }
        var trainer = try BytePairTrainer(vocabulary: vocabulary, pattern: pattern, jobs: jobs)
        let reader = StretchesReader(text, from: WritingPosition(), tokenizer: BytesTokenizer())
        let total = Double(max(1, text.keptBytes))
        while let item = try reader.next() {
            guard case .chunk(let chunk) = item, chunk.side == .train else { continue }
            // Token files were refused when they were scanned, as there is no tokenizer yet.
            guard case .text(let text) = chunk.content else { continue }
            try trainer.add(text) { step in
                if case .counted(let bytes) = step { tell(0.9 * Double(bytes) / total, ofPass: 1) }
            }
            if chunk.ends { try trainer.endDocument() }
        }
        let tokenizer = try trainer.train { step in
            if case .merged(let ids, let wanted) = step { tell(0.9 + 0.1 * Double(ids) / Double(wanted), ofPass: 1) }
        }
        if trainer.droppedWords {
            progress(
                .message("The text has more different words than fit; the tokenizer did not learn from the rarest."))
        }
        if tokenizer.vocabulary < vocabulary {
            progress(.message("The text has pairs for \(tokenizer.vocabulary) ids only, not \(vocabulary)."))
        }
        try DurableFile.replace(file, with: tokenizer.serialized)
        return tokenizer
    }
}
