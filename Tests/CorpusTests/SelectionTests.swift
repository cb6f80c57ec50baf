import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Selection of documents")
struct SelectionTests {
    /// What becomes of the texts, in order: "kept" or the reason.
    private func fates(_ texts: [String], _ change: (inout FilterConfig) -> Void = { _ in }) -> [String] {
        var filter = FilterConfig()
        change(&filter)
        var measure = DocumentMeasure(filter)
        var selection = DocumentSelection(filter)
        return texts.map { selection.reason(toDrop: measure.facts(of: Array($0.utf8)))?.rawValue ?? "kept" }
    }

    private static let swift = "The swift spends most of its life on the wing; it eats, drinks and sleeps there."

    @Test("of equal documents the first stays")
    func duplicates() {
        #expect(fates(["a", "b", "a", "a\n", "b"]) == ["kept", "kept", "duplicate", "kept", "duplicate"])
        #expect(fates(["a", "b", "a"]) { $0.duplicates = .keep } == ["kept", "kept", "kept"])
    }

    @Test("documents outside of the lengths are dropped, and empty ones always")
    func lengths() {
        #expect(fates(["", "a"]) == ["too_short", "kept"])
        let texts = ["12", "123", "12345", "123456"]
        #expect(
            fates(texts) { ($0.minBytes, $0.maxBytes) = (3, 5) } == ["too_short", "kept", "kept", "too_long"])
    }

    @Test("documents that repeat themselves more than is allowed are dropped")
    func repetition() {
        let texts = ["one\ntwo\nsix\none\n", "one\none\ntwo\none\n"]
        #expect(fates(texts) { $0.maxRepetition = 0.25 } == ["kept", "repetitive"])
        #expect(fates(texts) == ["kept", "kept"])
    }

    @Test("a document is a near duplicate of one that was kept, not of one that was dropped")
    func nearDuplicates() {
        let other = "A corpus is a pile of text in which every document is counted but once, or so we hope."
        let texts = [Self.swift, other, Self.swift.uppercased(), Self.swift, "a few words"]
        let expected = ["kept", "kept", "near_duplicate", "duplicate", "kept"]
        #expect(fates(texts) { $0.nearDuplicates = 0.8 } == expected)
        let repetitive = "\(Self.swift)\n\(Self.swift)\n"
        let fatesBehindDropped = fates([repetitive, Self.swift]) { ($0.nearDuplicates, $0.maxRepetition) = (0.5, 0.2) }
        #expect(fatesBehindDropped == ["repetitive", "kept"])
    }

    @Test("equal documents that are kept as duplicates still count as near duplicates")
    func nearButNotExact() {
        let fates = fates([Self.swift, Self.swift, "short", "short"]) {
            ($0.duplicates, $0.nearDuplicates) = (.keep, 1)
        }
        #expect(fates == ["kept", "near_duplicate", "kept", "kept"])
    }

    @Test("decisions are the same in every process and on every machine")
    func pinned() {
        var random = RandomWords(seed: 2)
        var documents: [[Int]] = []
        for i in 0..<300 {
            let earlier = documents.isEmpty ? [] : documents[random.number(below: documents.count)]
            documents.append(i % 2 == 0 ? random.document(words: 30 + i) : random.edited(earlier, changes: i % 5))
        }
        let all = fates(documents.map(asText)) { ($0.nearDuplicates, $0.maxBytes) = (0.7, 1_800) }
        #expect(Set(all) == ["kept", "duplicate", "near_duplicate", "too_long"])
        #expect(all.joined(separator: " ").sha256.prefix(16) == "1c8da08f987ad009")
    }

    @Test("counts by reason are an object in JSON")
    func reasons() throws {
        let counts: [DropReason: Int] = [.nearDuplicate: 3]
        let text = String(decoding: try JSONEncoder().encode(counts), as: UTF8.self)
        #expect(text == #"{"near_duplicate":3}"#)
        #expect(try JSONDecoder().decode([DropReason: Int].self, from: Data(text.utf8)) == counts)
    }
}
