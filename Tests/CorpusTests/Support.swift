import Experiment
import Foundation
import Testing
import Tokenization

@testable import Corpus

/// A folder that goes away with the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(component: "apus-corpus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var cache: URL { url.appending(component: "cache") }

    @discardableResult
    func write(_ path: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// Text in which no stretch of a few words comes twice; with characters of one to three bytes.
func text(_ name: String, lines: Int) -> [UInt8] {
    Array((0..<lines).map { "\(name) — line \($0) of a tale told é\($0 * 7919)\n" }.joined().utf8)
}

extension TemporaryFolder {
    /// A folder `texts` with `files` files of their own text.
    func writeTexts(files: Int, lines: Int) throws -> CorpusConfig {
        for i in 0..<files { try write("texts/\(i).txt", text("file \(i)", lines: lines)) }
        return CorpusConfig(paths: [path("texts")])
    }

    /// A prepared corpus whose training stream is 0, 1, 2, … and whose held-out stream goes on behind it.
    func countingCorpus(train: Int, heldOut: Int, shardTokens: Int) throws -> PreparedCorpus {
        let folder = url.appending(component: UUID().uuidString)
        let source = CountingSource(train: train, heldOut: heldOut)
        try writeCorpus(source, to: folder, shardTokens: shardTokens)
        return try PreparedCorpus(opening: folder, verifying: true)
    }
}

/// Writes a source's corpus to a folder.
func writeCorpus(_ source: any CorpusSource, to folder: URL, shardTokens: Int) throws {
    let partial = try PartialCorpus(
        in: folder.deletingLastPathComponent(), key: source.contentDigest, progress: { _ in })
    try CorpusPreparation.write(source, in: partial, shardTokens: shardTokens) { _ in }
    #expect(try partial.move(to: folder))
}

/// Tokens that say where they are.
struct CountingSource: CorpusSource {
    let train: Int
    let heldOut: Int

    var contentDigest: String { "\(train) \(heldOut)".sha256 }
    var kind: CorpusIndex.Kind { .calibration }
    var tokenizer: any Tokenizer { SymbolTokenizer(alphabet: train + heldOut) }
    var layoutDigest: String { contentDigest }
    var preparation: CorpusIndex.Preparation? { nil }
    var calibration: CalibrationConfig? { nil }
    var parts: [CorpusPart] { [CorpusPart(name: "text")] }

    func write(into writer: CorpusWriter, progress: (CorpusProgress) -> Void) throws {
        try writer.append((0..<train).map(Int32.init), to: .train)
        try writer.append((train..<train + heldOut).map(Int32.init), to: .heldOut)
    }
}

extension CorpusWriter {
    /// A stretch of its own.
    func append(_ ids: [Int32], to side: CorpusSide) throws {
        let stream = self.side(side)
        stream.begin(Place())
        let stored = CorpusIndex.ElementType(vocabulary: Int(ids.max() ?? 0) + 1).encode(ids)
        try stream.append(EncodedText(ids: stored, textBytes: 0, characters: 0))
        try stream.end()
        try endedStretch()
    }
}

/// Of a corpus with one source.
extension PreparedCorpus {
    var train: TokenStream { sources[0].train }
    var heldOut: TokenStream { sources[0].heldOut }
    func stream(_ side: CorpusSide) -> TokenStream { sources[0].stream(side) }
}

extension CorpusIndex {
    var train: Side { sources[0].train }
    var heldOut: Side { sources[0].heldOut }
    func side(_ side: CorpusSide) -> Side { sources[0].side(side) }
}

/// Runs `body`, which must throw a `Failure` of this code whose message holds all of these words.
func expectFailure(
    _ code: ExitCode, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.code == code, sourceLocation: sourceLocation)
        for word in words {
            #expect(failure.message.contains(word), "\(failure.message)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("\(error) is not a Failure", sourceLocation: sourceLocation)
    }
}
