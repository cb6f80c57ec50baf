import Experiment
import Foundation
import Testing

@testable import Corpus

@Suite("Inputs: token files")
struct InputsTokenTests {
    private let options = ReadingOptions(vocabulary: 50_257, endOfText: 50_256)
    private let end: Int32 = 50_256

    @Test("documents are what end-of-text ids separate, wherever these are")
    func documents() throws {
        let ids: [Int32] = [end, 1, 2, end, end, 3, end, 4]
        let pieces = try read(Self.raw16(ids), options)
        #expect(pieces.map(\.tokens) == [[1, 2], [3], [4]])
        #expect(pieces.map(\.document) == [0, 1, 2])
        #expect(try read(Self.raw16([1, end]), options).map(\.tokens) == [[1]])
        #expect(try read(Self.raw16([end, end]), options).isEmpty)
        #expect(try read([], options).isEmpty)
        let whole = try read(Self.raw16(ids), ReadingOptions(vocabulary: 50_257))
        #expect(whole.map(\.tokens) == [ids])
    }

    @Test("nanoGPT's and llm.c's files of the same ids read the same, of both widths", arguments: 1...3)
    func formats(seed: UInt64) throws {
        var random = InputsRandom(seed: seed)
        let count = Int.random(in: 90_000...200_000, using: &random)
        let ids = (0..<count).map { _ in
            Int.random(in: 0..<30_000, using: &random) == 0 ? end : Int32.random(in: 0..<50_256, using: &random)
        }
        let documents = ids.split(separator: end).map(Array.init)
        for bytes in [
            Self.raw16(ids), Self.header(20_240_520, 1, count) + Self.raw16(ids),
            Self.header(20_240_801, 7, count) + Self.raw32(ids),
        ] {
            let pieces = try read(bytes, options)
            #expect(pieces.allSatisfy { (1...32_768).contains($0.tokens.count) })
            let joined = Dictionary(grouping: pieces, by: \.document).sorted { $0.key < $1.key }
            #expect(joined.map(\.key) == Array(documents.indices))
            #expect(joined.map { $0.value.flatMap(\.tokens) } == documents, "seed \(seed)")
            let full = joined.flatMap { $0.value.dropLast() }
            #expect(full.allSatisfy { $0.tokens.count == 32_768 })
        }
        let wide = ReadingOptions(vocabulary: 100_000, endOfText: 99_999)
        #expect(try read(Self.raw32([70_000, 99_999, 5]), wide).map(\.tokens) == [[70_000], [5]])
    }

    @Test("a document of a whole number of pieces ends where it ends")
    func wholePieces() throws {
        let ids = [Int32](repeating: 7, count: 65_536)
        let pieces = try read(Self.raw16(ids + [end] + ids + [end, end, 9]), options)
        #expect(pieces.map(\.tokens.count) == [32_768, 32_768, 32_768, 32_768, 1])
        #expect(pieces.map(\.document) == [0, 0, 1, 1, 2])
    }

    @Test("what is not a token file of the tokenizer is named")
    func failures() throws {
        expectFailure(.badData, "a.bin", "no tokenizer") { _ = try read(Self.raw16([1]), ReadingOptions()) }
        let far = Self.raw16([Int32](repeating: 1, count: 40_000) + [50_257])
        expectFailure(.badData, "a.bin", "the id 50257 ", "token 40000 ", "byte 80000,") { _ = try read(far, options) }
        let late = Self.header(20_240_801, 7, 1) + Self.raw32([-1])
        expectFailure(.badData, "the id 4294967295 ", "token 0 ", "byte 1024,") { _ = try read(late, options) }
        expectFailure(.badData, "3 bytes", "uint16") { _ = try read([1, 0, 1], options) }
        expectFailure(.badData, "6 bytes", "uint32") {
            _ = try read([1, 0, 1, 0, 0, 0], ReadingOptions(vocabulary: 70_000))
        }
        let short = Self.header(20_240_520, 1, 3) + Self.raw16([1, 2])
        expectFailure(.badData, "holds 3 ids (1030 bytes)", "1028") { _ = try read(short, options) }
        let long = Self.header(20_240_520, 1, 1) + Self.raw16([1, 2])
        expectFailure(.badData, "holds 1 ids", "1028") { _ = try read(long, options) }
        expectFailure(.badData, "version 2 ", "version 1 ") {
            _ = try read(Self.header(20_240_520, 2, 0), options)
        }
        expectFailure(.badData, "within its header") {
            _ = try read(Array(Self.header(20_240_520, 1, 0).prefix(700)), options)
        }
    }

    @Test("sizes are checked before anything is read where they are known, else at the end")
    func sizes() throws {
        let folder = try TemporaryFolder()
        let bytes = Self.header(20_240_520, 1, 9) + Self.raw16([1, 2])
        let plain = try folder.write("a.bin", bytes)
        expectFailure(.badData, "holds 9 ids") { _ = try TextSources(paths: [plain]).files[0].open(options) }
        let compressed = try folder.compress(plain, with: .gzip)
        expectFailure(.badData, "holds 9 ids") { _ = try folder.pieces(compressed, options) }
    }

    private func read(_ bytes: [UInt8], _ options: ReadingOptions) throws -> [DocumentPiece] {
        try TokenReader(MemoryBytes(bytes), path: "a.bin", size: nil, options: options).pieces()
    }

    private static func raw16(_ ids: [Int32]) -> [UInt8] {
        ids.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private static func raw32(_ ids: [Int32]) -> [UInt8] {
        ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
    }

    private static func header(_ magic: Int32, _ version: Int32, _ count: Int) -> [UInt8] {
        raw32([magic, version, Int32(count)] + [Int32](repeating: 0, count: 253))
    }
}
