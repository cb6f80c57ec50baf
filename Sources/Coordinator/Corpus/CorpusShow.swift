import ArgumentParser
import Corpus
import Experiment
import Foundation

/// `apus corpus show`: what a step of a run read.
struct CorpusShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the sequences that a step of a run read, with their files and offsets.",
        discussion: """
            Examples:
              apus corpus show checkpoints/books --step 812
              apus corpus show checkpoints/books --step 812 --sequence 3 --full
              apus corpus show checkpoints/books --step 812 --tokens --json

            Steps count from 1, as the ledger's rows; positions in the batch, slots, sequences, tokens, bytes and \
            documents count from 0, lines from 1. The step's windows are read again, and their digest is compared with \
            the ledger's: another one ends with exit code 3. A sequence is T + 1 tokens, the last of which is also the \
            first of the next.

            Offsets are in the document's text as it was encoded. For a plain text file that is the file, but for two \
            cases: without a UTF-8 byte order mark, which is dropped (3 bytes), and with U+FFFD (3 bytes) for each \
            invalid sequence under `invalid: replace`. For .jsonl it is the text of the line's field. In a token file \
            they count ids.

            Text is on one line: \\n is the end of a line, \\xE9 a byte of a character that the sequence cuts, \\\\ a \
            backslash.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run")) var folder: String
    @Option(help: "From 1 to the steps of the run, taken or not.") var step: Int
    @Option(help: "Only the sequence at this position of the batch, from 0.") var sequence: Int?
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "Token ids too.") var tokens = false
    @Flag(help: "The whole text.") var full = false
    @Option(help: ArgumentHelp("Where the run's corpus is now.", valueName: "dir")) var corpus: String?

    func run() throws {
        let run = try RunCorpus(run: folder, corpus: corpus, verifying: false)
        let config = run.record.config
        guard (1...config.steps).contains(step) else {
            throw Failure(.usage, "--step is \(step); the steps of \(folder) are 1 to \(config.steps).")
        }
        if let sequence, !(0..<config.batch.sequences).contains(sequence) {
            throw Failure(
                .usage,
                "--sequence is \(sequence); the batch has the positions 0 to \(config.batch.sequences - 1).")
        }
        let receipt = try StepReceipt(try run.data(), step: step, position: sequence)
        let row = step <= run.record.rows.count ? run.record.rows[step - 1] : nil
        if let row, row.batchDigest != receipt.batchDigest {
            throw Failure(
                .badData,
                "Step \(step) of \(folder) read another batch: the ledger's digest is \(row.batchDigest), that of the "
                    + "corpus at \(run.corpus.folder.path) is \(receipt.batchDigest). `apus corpus inspect` checks the shards."
            )
        }
        Console.show(
            json
                ? try SnakeCaseJSON.text(StepJSON(receipt, config, row, tokens: tokens, folder: run.corpus.folder))
                    + "\n"
                : text(receipt, config, isTaken: row != nil))
    }

    private func text(_ receipt: StepReceipt, _ config: RunConfig, isTaken: Bool) -> String {
        let digest =
            isTaken
            ? "the digest equals the ledger's"
            : "the step is not taken yet; the order of data is known all the same"
        let head =
            "step \(step) of \(config.name): \(CountText.count(config.batch.sequences, "sequence")) of "
            + "\(config.model.context) tokens, in slots of \(config.batch.slot)\ndigest \(receipt.batchDigest)\n\(digest)\n"
        return head + receipt.sequences.map(text).joined()
    }

    private func text(_ sequence: SequenceReceipt) -> String {
        var lines = [
            "\nposition \(sequence.position), slot \(sequence.slot): sequence \(sequence.sequence) of "
                + "\(sequence.source), tokens \(sequence.tokens.lowerBound) to \(sequence.tokens.upperBound - 1)"
        ]
        if tokens { lines.append("  ids " + sequence.ids.map(String.init).joined(separator: " ")) }
        for part in sequence.parts {
            lines.append("  \(PlaceText.place(part))")
            lines.append(
                "    "
                    + (full ? VisibleText.escaped(part.text) : VisibleText.shortened(part.text, characters: 200)))
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// Places in words.
enum PlaceText {
    static func place(_ part: SequenceReceipt.Part) -> String {
        guard let file = part.file else { return "tokens \(part.range.lowerBound) to \(part.range.upperBound - 1)" }
        let name = document(file: file, document: part.document, line: part.line)
        guard !part.range.isEmpty else { return name + ", the end-of-text behind \(part.range.lowerBound)" }
        return name + ", " + range(part.range, countsIDs: part.countsIDs)
            + (part.endsStretch ? ", and end-of-text" : "")
    }

    /// Documents that share a file are told by their line or number.
    static func document(file: String, document: Int, line: Int?) -> String {
        if let line { return "\(file), line \(line)" }
        return document > 0 ? "\(file), document \(document)" : file
    }

    static func range(_ range: Range<Int>, countsIDs: Bool) -> String {
        "\(countsIDs ? "ids" : "bytes") \(range.lowerBound) to \(range.upperBound - 1)"
    }
}

/// A step's receipt as others read it. Ends of ranges are behind their last element.
private struct StepJSON: Encodable {
    let run: String
    let step: Int
    let steps: Int
    let taken: Bool
    let batchDigest: String
    /// Nil where the step is not taken; else equal to `batchDigest`.
    let ledgerDigest: String?
    let context: Int
    let slot: Int
    let corpus: String
    let sequences: [Sequence]

    struct Sequence: Encodable {
        let position: Int
        let slot: Int
        let source: String
        let sequence: Int
        let firstToken: Int
        let lastToken: Int
        let tokens: [Int32]?
        let places: [Place]
    }

    struct Place: Encodable {
        let file: String?
        let document: Int
        let line: Int?
        let firstByte: Int?
        let endByte: Int?
        let firstId: Int?
        let endId: Int?
        let firstToken: Int
        let lastToken: Int
        let endOfText: Bool
        let text: String
    }

    init(_ receipt: StepReceipt, _ config: RunConfig, _ row: LedgerRow?, tokens: Bool, folder: URL) {
        run = config.name
        step = receipt.step
        steps = config.steps
        taken = row != nil
        batchDigest = receipt.batchDigest
        ledgerDigest = row?.batchDigest
        context = config.model.context
        slot = config.batch.slot
        corpus = folder.path
        sequences = receipt.sequences.map { sequence in
            Sequence(
                position: sequence.position, slot: sequence.slot, source: sequence.source, sequence: sequence.sequence,
                firstToken: sequence.tokens.lowerBound, lastToken: sequence.tokens.upperBound - 1,
                tokens: tokens ? sequence.ids : nil, places: sequence.parts.map(Self.place))
        }
    }

    private static func place(_ part: SequenceReceipt.Part) -> Place {
        Place(
            file: part.file, document: part.document, line: part.line,
            firstByte: part.countsIDs ? nil : part.range.lowerBound,
            endByte: part.countsIDs ? nil : part.range.upperBound,
            firstId: part.countsIDs ? part.range.lowerBound : nil, endId: part.countsIDs ? part.range.upperBound : nil,
            firstToken: part.tokens.lowerBound, lastToken: part.tokens.upperBound - 1, endOfText: part.endsStretch,
            text: String(decoding: part.text, as: UTF8.self))
    }
}
