import Experiment
import Testing

@Suite("Which documents a configuration keeps")
struct FilterConfigTests {
    private func filter(_ yaml: String) throws -> FilterConfig {
        try decode(set: "corpus.filter=\(yaml)").corpus.filter
    }

    @Test("without a filter, equal and empty documents are dropped, and nothing else")
    func usual() throws {
        let usual = FilterConfig()
        #expect(usual.duplicates == .drop && usual.minBytes == 1 && usual.nearDuplicates == nil)
        #expect(usual.maxBytes == nil && usual.maxRepetition == nil)
        #expect(try decode(minimalYAML).corpus.filter == usual)
        #expect(try filter("{}") == usual)
    }

    @Test("every key reaches its setting")
    func keys() throws {
        var wanted = FilterConfig()
        wanted.duplicates = .keep
        wanted.nearDuplicates = 0.8
        (wanted.minBytes, wanted.maxBytes) = (200, 1_000_000)
        wanted.maxRepetition = 0.2
        let yaml = """
            {duplicates: keep, near_duplicates: 0.8, min_bytes: 200, max_bytes: 1_000_000, max_repetition: 0.2}
            """
        #expect(try filter(yaml) == wanted)
    }

    @Test(
        "a filter that is written reads back equal",
        arguments: [
            "{}", "{duplicates: keep}", "{near_duplicates: 0.30000000000000004}", "{near_duplicates: 1e-7}",
            "{min_bytes: 7, max_bytes: 7}", "{max_repetition: 0}", "{near_duplicates: 1, max_repetition: 1}",
        ])
    func roundTrip(yaml: String) throws {
        let config = try decode(set: "corpus.filter=\(yaml)")
        #expect(try decode(config.yaml).corpus.filter == config.corpus.filter)
    }

    @Test(
        "what cannot be meant is named",
        arguments: [
            ("duplicates: maybe", "`corpus.filter.duplicates` must be one of drop, keep"),
            ("near_duplicates: 0", "`corpus.filter.near_duplicates` is 0.0; it must be above 0 and at most 1"),
            ("near_duplicates: 80", "`corpus.filter.near_duplicates` is 80.0"),
            ("min_bytes: 0", "`corpus.filter.min_bytes` is 0; it must be 1 or more"),
            ("min_bytes: 10, max_bytes: 9", "`corpus.filter.max_bytes` is 9; it must be 10 or more"),
            ("max_repetition: 1.5", "`corpus.filter.max_repetition` is 1.5; it must be from 0 to 1"),
            ("near_duplicate: 0.8", "`corpus.filter.near_duplicates`"),
        ])
    func refused(yaml: String, words: String) {
        let problems = problems(set: "corpus.filter={\(yaml)}")
        #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
    }
}
