import ArgumentParser
import Corpus
import Experiment
import Foundation

/// `apus corpus prepare`: text in, token shards out.
struct CorpusPrepare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Encode text into token shards.",
        discussion: """
            Examples:
              apus corpus prepare my-texts notes.txt --out corpora/mine --tokenizer bpe:4096
              apus corpus prepare 'dump/**/*.jsonl.gz' --field content --tokenizer gpt2/ --out corpora/dump
              apus corpus prepare --source books=texts/books --source code=src --out corpora/mix
              apus corpus prepare --config configs/books.yaml --out corpora/books
              zcat dump.txt.gz | apus corpus prepare - --out corpora/dump

            Folders are read recursively: .txt, .md, .rst, .text, .jsonl, .ndjson, each also as .gz and .zst, and token \
            files (.bin) of nanoGPT and llm.c. 5 % of the documents, or of the 64 KiB pieces of long ones, are held out by \
            a keyed hash. Documents that are equal to an earlier one are left out. What was left out is counted in \
            index.json. After a kill the same command goes on. Standard input is plain text, or .gz or .zst of it; write JSON \
            lines to a file.
            """)

    @Argument(help: "Files, folders and patterns; - is standard input.") var paths: [String] = []
    @Option(
        name: .customLong("source"),
        help: ArgumentHelp("A named source; repeat for more paths or sources.", valueName: "name=path"))
    var sources: [String] = []
    @Option(help: ArgumentHelp("Take the corpus of a configuration instead.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("Where the shards go; nothing there is written over.", valueName: "dir"))
    var out: String
    @Option(help: "How text becomes tokens: bytes, bpe:N, bpe:N:gpt4, or the file or folder of a tokenizer.")
    var tokenizer: String?
    @Option(help: "The field of a .jsonl file's lines that is the document; text unless given.") var field: String?
    @Option(help: "Bytes that are no UTF-8: error, replace (by U+FFFD), or skip (the document).")
    var invalid: InvalidText?
    @Flag(help: "Keep documents that are equal to an earlier one.") var keepDuplicates = false
    @Option(help: "Leave out documents as similar as this (0 to 1) to an earlier one, as in 0.8.")
    var nearDuplicates: Double?
    @Option(help: "Leave out shorter documents.") var minBytes: Int?
    @Option(help: "Leave out longer documents.") var maxBytes: Int?
    @Option(help: "Leave out documents of which a larger share (0 to 1) are lines that came before, as in 0.2.")
    var maxRepetition: Double?
    @Option(help: "Tokens of a shard.") var shardTokens = CorpusPreparation.usualShardTokens
    @Option(help: "Cores to work on; all unless given. The result is the same.") var jobs: Int?

    func validate() throws {
        guard [!paths.isEmpty, !sources.isEmpty, config != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Give either paths, or --source NAME=PATH, or --config FILE.")
        }
        if config != nil, tokenizer != nil || field != nil || invalid != nil {
            throw ValidationError("A configuration says how its text is read; change it there.")
        }
        if let nearDuplicates, !(nearDuplicates > 0 && nearDuplicates <= 1) {
            throw ValidationError("--near-duplicates is \(nearDuplicates); it must be above 0 and at most 1.")
        }
        if let maxRepetition, !(0...1).contains(maxRepetition) {
            throw ValidationError("--max-repetition is \(maxRepetition); it must be from 0 to 1.")
        }
        if let minBytes, let maxBytes, maxBytes < minBytes {
            throw ValidationError("--max-bytes \(maxBytes) is below --min-bytes \(minBytes): nothing would be left.")
        }
        for (name, value) in [
            ("--min-bytes", minBytes), ("--max-bytes", maxBytes), ("--shard-tokens", shardTokens), ("--jobs", jobs),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value); it must be 1 or more.") }
        }
    }

    func run() throws {
        let progress = CorpusProgressLine()
        defer { progress.finish() }
        let corpus = try CorpusPreparation.prepare(
            corpusConfig(), out: URL(fileURLWithPath: out), shardTokens: shardTokens, jobs: jobs
        ) { progress.show($0) }
        progress.finish()
        Console.show(CorpusSummary(corpus).lines.map { $0 + "\n" }.joined())
    }

    private func corpusConfig() throws -> CorpusConfig {
        var corpus = CorpusConfig()
        if let config {
            corpus = try RunConfig(file: URL(fileURLWithPath: config)).corpus
        } else {
            corpus.paths = paths.map(Self.absolute)
            corpus.sources = try namedSources()
            corpus.tokenizer = tokenizer ?? corpus.tokenizer
            corpus.field = field ?? corpus.field
            corpus.invalid = invalid ?? corpus.invalid
        }
        if keepDuplicates { corpus.filter.duplicates = .keep }
        corpus.filter.nearDuplicates = nearDuplicates ?? corpus.filter.nearDuplicates
        corpus.filter.minBytes = minBytes ?? corpus.filter.minBytes
        corpus.filter.maxBytes = maxBytes ?? corpus.filter.maxBytes
        corpus.filter.maxRepetition = maxRepetition ?? corpus.filter.maxRepetition
        return corpus
    }

    /// In the order in which names first come.
    private func namedSources() throws -> [SourceConfig] {
        var named: [SourceConfig] = []
        for source in sources {
            let parts = source.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw Failure(.usage, "--source \(source) must read NAME=PATH, as in books=texts/books.")
            }
            if let index = named.firstIndex(where: { $0.name == parts[0] }) {
                named[index].paths.append(Self.absolute(parts[1]))
            } else {
                named.append(try SourceConfig(checking: parts[0], paths: [Self.absolute(parts[1])]))
            }
        }
        return named
    }

    private static func absolute(_ path: String) -> String {
        path == "-" ? path : URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

extension InvalidText: ExpressibleByArgument {}
