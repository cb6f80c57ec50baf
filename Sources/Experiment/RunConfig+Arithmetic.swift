import Foundation

extension RunConfig {
    /// The top-level keys in which two configurations ask for different arithmetic, in the order of the file. How often
    /// state is saved, what is recomputed and where the corpus lies decide nothing.
    public func keysThatDiffer(from other: RunConfig) -> [String] {
        zip(arithmetic, other.arithmetic).filter { $0.1 != $1.1 }.map(\.0.0)
    }

    /// The value of a top-level key, as a file has it.
    public func text(ofKey key: String) -> String {
        let line = yaml.split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return line.map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
    }

    private var arithmetic: [(String, String)] {
        var corpus = corpus
        corpus.paths = []
        corpus.prepared = nil
        // What came of these is in the corpus's digest, which is compared too.
        (corpus.tokenizer, corpus.field) = ("", "")
        (corpus.invalid, corpus.filter) = (.error, FilterConfig())
        // Sources are matched by name, so their order in the configuration means nothing.
        corpus.sources.sort { $0.name < $1.name }
        for index in corpus.sources.indices { corpus.sources[index].paths = [] }
        return [
            ("name", name), ("precision", precision.rawValue), ("model", "\(model)"), ("corpus", "\(corpus)"),
            ("batch", "\(batch)"), ("optimizer", "\(optimizer)"), ("schedule", "\(schedule)"), ("steps", "\(steps)"),
            ("evaluate", "\(evaluate)"), ("reduction", reduction.rawValue), ("seed", "\(seed)"),
        ]
    }
}
