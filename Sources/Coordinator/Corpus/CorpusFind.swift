import ArgumentParser
import Corpus
import Experiment
import Foundation

/// `apus corpus find`: at which steps a document is or was seen.
struct CorpusFind: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Tell at which steps a run reads a document or a text.",
        discussion: """
            Examples:
              apus corpus find checkpoints/books moby-dick.txt
              apus corpus find checkpoints/web dump/part-3.jsonl:1207
              apus corpus find checkpoints/books --text "Call me Ishmael"

            A file is meant by the end of its path, or, where no path ends so, by any part of it; behind a colon comes \
            the line of a .jsonl file (from 1), or the document in another file (from 0). With --text, only the parts \
            that hold these very bytes count; text is not found across the places where the split cut a document.

            Sequences that hold any of a document's tokens, or of the text's, are told with the steps (from 1) that \
            read them: one token shared with a neighbour is enough. Held-out text is never trained on. What was left \
            out as a duplicate or by a filter is not in the corpus; nothing found is no error: exit code 0, and an \
            empty list in JSON.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run")) var folder: String
    @Argument(help: ArgumentHelp("The end of a file's path, perhaps with a line.", valueName: "file[:line]"))
    var file: String?
    @Option(help: "Words as they stand in the text.") var text: String?
    @Option(help: "Documents to tell of; the rest are counted.") var limit = 20
    @Flag(help: "One JSON object.") var json = false
    @Option(help: ArgumentHelp("Where the run's corpus is now.", valueName: "dir")) var corpus: String?

    func validate() throws {
        if file?.isEmpty ?? true, text == nil { throw ValidationError("Give a file, --text WORDS, or both.") }
        if text == "" { throw ValidationError("--text is empty; give the words to look for.") }
        if limit < 0 { throw ValidationError("--limit is \(limit); it must be 0 or more.") }
    }

    func run() throws {
        let run = try RunCorpus(run: folder, corpus: corpus, verifying: false)
        let config = run.record.config
        let files = run.corpus.index.sources.flatMap(\.files).map(\.path)
        let query = DocumentQuery(place: file, text: text, files: files)
        let findings = try DocumentSearch(try run.data(), steps: config.steps).find(query, limit: limit)
        let taken = run.record.rows.count
        if json {
            Console.show(try SnakeCaseJSON.text(FindingsJSON(findings, config, taken: taken)) + "\n")
        } else {
            Console.show(FindingsText(findings, config, taken: taken).text(asked: asked, files: files.count))
        }
    }

    private var asked: String {
        [file, text.map { "\"\($0)\"" }].compactMap { $0 }.joined(separator: " with ")
    }
}

/// What was found, for people.
private struct FindingsText {
    let findings: DocumentSearch.Findings
    let config: RunConfig
    /// Steps that the run has taken.
    let taken: Int

    init(_ findings: DocumentSearch.Findings, _ config: RunConfig, taken: Int) {
        self.findings = findings
        self.config = config
        self.taken = taken
    }

    func text(asked: String, files: Int) -> String {
        guard findings.count > 0 else {
            guard !findings.files.isEmpty else {
                return files == 0
                    ? "\(asked) is not in the corpus: the calibration source has no files.\n"
                    : "\(asked) is not in the corpus: none of its \(CountText.count(files, "file")) is called so.\n"
            }
            let named = CountText.count(findings.files.count, "file")
            return "\(asked) is not in the corpus; \(named) of it were searched. There is no such document or text, or "
                + "it was left out as a duplicate or by a filter: `apus corpus inspect` tells how much was.\n"
        }
        let rest = findings.count - findings.documents.count
        return findings.documents.map(text).joined()
            + (rest > 0 ? "\(CountText.count(rest, "more document")) (--limit)\n" : "")
    }

    private func text(_ document: FoundDocument) -> String {
        let name = PlaceText.document(file: document.file, document: document.document, line: document.line)
        return ([name] + document.stretches.flatMap(lines)).map { $0 + "\n" }.joined()
    }

    private func lines(_ stretch: FoundDocument.Stretch) -> [String] {
        var head = "  \(stretch.side == .train ? "training text" : "held out"), "
        head += PlaceText.range(stretch.range, countsIDs: stretch.countsIDs)
        if !stretch.matches.isEmpty {
            // A token file's range counts ids, so there the text's bytes are counted from the stretch on.
            let first = stretch.countsIDs ? 0 : stretch.range.lowerBound
            head += ", the text is at " + listed(stretch.matches.map { first + $0 })
        }
        guard stretch.side == .train else { return [head + ": never trained on"] }
        guard !stretch.sequences.isEmpty else { return [head + ": behind the last whole sequence, never read"] }
        let end = stretch.isCutOff ? "; its end is behind the last whole sequence, never read" : ""
        let steps = Set(stretch.sequences.flatMap(\.steps)).sorted()
        let read = stretch.sequences.count { !$0.steps.isEmpty }
        var lines = [
            head + ": \(stretch.sequences.count == 1 ? "sequence" : "sequences") "
                + listed(stretch.sequences.map(\.sequence)) + end
        ]
        let (seen, coming) = (steps.filter { $0 <= taken }, steps.filter { $0 > taken })
        if !seen.isEmpty { lines.append("    seen at \(stepText(seen))") }
        if !coming.isEmpty { lines.append("    will be seen at \(stepText(coming))") }
        if steps.isEmpty {
            lines.append("    not read in the \(config.steps) steps of this run")
        } else if read < stretch.sequences.count {
            lines.append("    \(stretch.sequences.count - read) of the sequences are not read in this run")
        }
        return lines
    }

    private func stepText(_ steps: [Int]) -> String { (steps.count == 1 ? "step " : "steps ") + listed(steps) }

    /// 3 to 7 for neighbours, and not more than a line of them.
    private func listed(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        let texts = runs.prefix(12).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
        }
        return texts.joined(separator: ", ") + (runs.count > 12 ? ", … (\(numbers.count) in all)" : "")
    }
}

/// What was found, as others read it. Ends of ranges are behind their last element.
private struct FindingsJSON: Encodable {
    let run: String
    let steps: Int
    /// Steps that the run has taken: those after it are still to come.
    let stepsTaken: Int
    /// Documents in all; `documents` has the first ones.
    let count: Int
    let documents: [Document]

    struct Document: Encodable {
        let source: String
        let file: String
        let document: Int
        let line: Int?
        /// That read any of it.
        let steps: [Int]
        let stretches: [Stretch]
    }

    struct Stretch: Encodable {
        /// `train` or `held-out`.
        let side: String
        let firstByte: Int?
        let endByte: Int?
        let firstId: Int?
        let endId: Int?
        let firstToken: Int
        let endToken: Int
        /// Where the text begins, in bytes of the stretch's text.
        let matches: [Int]
        let sequences: [Sequence]
        /// Some of it is behind the last whole sequence.
        let cutOff: Bool
    }

    struct Sequence: Encodable {
        let sequence: Int
        let steps: [Int]
    }

    init(_ findings: DocumentSearch.Findings, _ config: RunConfig, taken: Int) {
        run = config.name
        steps = config.steps
        stepsTaken = taken
        count = findings.count
        documents = findings.documents.map { found in
            Document(
                source: found.source, file: found.file, document: found.document, line: found.line, steps: found.steps,
                stretches: found.stretches.map(Self.stretch))
        }
    }

    private static func stretch(_ stretch: FoundDocument.Stretch) -> Stretch {
        let range = stretch.range
        return Stretch(
            side: stretch.side.rawValue, firstByte: stretch.countsIDs ? nil : range.lowerBound,
            endByte: stretch.countsIDs ? nil : range.upperBound,
            firstId: stretch.countsIDs ? range.lowerBound : nil, endId: stretch.countsIDs ? range.upperBound : nil,
            firstToken: stretch.tokens.lowerBound, endToken: stretch.tokens.upperBound, matches: stretch.matches,
            sequences: stretch.sequences.map { Sequence(sequence: $0.sequence, steps: $0.steps) },
            cutOff: stretch.isCutOff)
    }
}
