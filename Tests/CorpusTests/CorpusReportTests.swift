import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("What inspect tells")
struct CorpusReportTests {
    @Test("counts, vocabulary use and lengths are those of the shards, read by other means")
    func figures() throws {
        let made = try ReceiptsCase()
        let report = try CorpusReport(made.corpus, context: 64, samples: 4)
        var counts: [Int: Int] = [:]
        var lengths: [Int: Int] = [:]
        for side in CorpusSide.allCases {
            let index = made.corpus.index.side(side)
            let bytes = try index.shards.reduce(into: Data()) {
                $0 += try Data(contentsOf: made.corpus.folder.appending(component: $1.file))
            }
            let ids = stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8 }
            for id in ids { counts[id, default: 0] += 1 }
            let endOfText = try #require(made.corpus.index.endOfText)
            for stretch in ids.dropLast().split(separator: endOfText, omittingEmptySubsequences: false) {
                lengths[stretch.count, default: 0] += 1
            }
            let told = side == .train ? report.sources[0].train : report.sources[0].heldOut
            #expect(told.tokens == ids.count && told.shards == index.shards.count)
            #expect(told.sequences == (ids.count - 1) / 64 && told.unusedTokens == (ids.count - 1) % 64)
            #expect(told.bytesPerToken == Double(try #require(told.bytes)) / Double(ids.count))
        }
        let total = counts.values.reduce(0, +)
        let descending = counts.values.sorted(by: >)
        #expect(report.vocabulary.used == counts.count && report.vocabulary.ids == 400)
        for cover in report.vocabulary.cover {
            let sum = { descending.prefix($0).reduce(0, +) }
            #expect(Double(sum(cover.ids)) >= cover.share * Double(total))
            #expect(Double(sum(cover.ids - 1)) < cover.share * Double(total))
        }
        #expect(report.vocabulary.mostFrequent.map(\.count) == Array(descending.prefix(20)))
        #expect(report.vocabulary.mostFrequent.allSatisfy { counts[$0.id] == $0.count })
        for bin in report.sources[0].lengths.bins {
            let inside = lengths.filter { (bin.from..<bin.below).contains($0.key) }.values.reduce(0, +)
            #expect(bin.stretches == inside, "\(bin)")
        }
        #expect(report.sources[0].lengths.bins.reduce(0) { $0 + $1.stretches } == lengths.values.reduce(0, +))
        #expect(report.sources[0].dropped["duplicate"]?.documents == 1)
    }

    @Test("samples are the beginnings of stretches in the files, the same ones every time")
    func samples() throws {
        let made = try ReceiptsCase()
        let report = try CorpusReport(made.corpus, context: nil, samples: 5)
        #expect(report.sample.count == 5)
        #expect(report.sample == (try CorpusReport(made.corpus, context: nil, samples: 5)).sample)
        for sample in report.sample {
            let text = try ReceiptsCase.original(file: try #require(sample.file), line: sample.line)
            let start = VisibleText.escaped(text[sample.offset...])
            #expect(start.hasPrefix(sample.text.hasSuffix("…") ? String(sample.text.dropLast()) : sample.text))
        }
        #expect(try CorpusReport(made.corpus, context: nil, samples: 100_000).sample.count > 100)
    }

    @Test("the calibration source is told without text, files or overlap")
    func calibration() throws {
        let folder = try TemporaryFolder()
        let source = CalibrationConfig(alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20_000)
        let corpus = try CorpusPreparation.prepare(CorpusConfig(calibration: source), cache: folder.cache)
        let report = try CorpusReport(corpus, context: 12, samples: 1)
        #expect(report.kind == "calibration" && report.sources[0].train.bytesPerToken == nil)
        #expect(report.sources[0].overlap == nil && report.sources[0].files.isEmpty)
        #expect(report.vocabulary.used == 8)
        #expect(report.sources[0].lengths.bins.map(\.stretches).reduce(0, +) == 2)
        let data = try TrainingData(corpus, context: 12, sequencesPerStep: 4, slot: 2, limitTokens: nil, seed: 1)
        let parts = try StepReceipt(data, step: 3).sequences.flatMap(\.parts)
        #expect(
            parts.count == 4 && parts.allSatisfy { $0.file == nil && $0.range.count == 13 && $0.tokens == $0.range })
    }
}
