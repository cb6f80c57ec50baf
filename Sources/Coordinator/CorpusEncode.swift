import ArgumentParser
import Experiment
import Foundation
import Tokenization

/// How ids are stored in a raw file: little-endian, unsigned.
enum RawIDs: String, ExpressibleByArgument, CaseIterable {
    case uint16, uint32

    var bytes: Int { self == .uint16 ? 2 : 4 }
}

/// The tokenizer that a command names.
struct TokenizerOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "bytes, a tokenizer.json, vocab.json, or a folder with one, such as a prepared corpus.",
            valueName: "tokenizer"))
    var tokenizer: String

    func read() throws -> any Tokenizer { try Tokenizers.named(tokenizer) }
}

struct CorpusEncode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Print the token ids of a text.",
        discussion: """
            Examples:
              apus corpus encode notes.txt --tokenizer tokenizers/mine
              echo "Hello there" | apus corpus encode - --tokenizer tokenizers/mine
              apus corpus encode book.txt --tokenizer tokenizers/mine --raw uint16 > book.bin

            The whole input is one text, of any bytes. Ids are separated by blanks, and by ends of lines about every \
            MiB of text. No end-of-text is added.
            """)

    @Argument(help: "A file, or - for standard input.") var file: String
    @OptionGroup var tokenizerOption: TokenizerOption
    @Flag(help: "Special tokens that are written in the text stand for themselves, not for their letters.")
    var special = false
    @Option(help: "Write raw little-endian numbers instead of text: uint16 or uint32.") var raw: RawIDs?
    @Option(help: "Cores to encode on. Without it: all.") var jobs: Int?

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs); it must be 1 or more.") }
    }

    func run() throws {
        let tokenizer = try tokenizerOption.read()
        if raw == .uint16, tokenizer.vocabulary > 65_536 {
            throw Failure(.usage, "Ids up to \(tokenizer.vocabulary - 1) do not fit into uint16; give --raw uint32.")
        }
        let input = try PieceReader(path: file, tokenizer: tokenizer)
        let (special, raw) = (special, raw)
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        try OrderedPipeline.run(jobs: jobs) {
            try input.next()
        } work: { piece in
            let ids = try special ? tokenizer.encodeWithSpecialTokens(piece) : tokenizer.encode(piece)
            return raw.map { IDText.raw(ids, $0) } ?? IDText.text(ids)
        } finish: { output in
            try StandardOutput.write(output)
        }
    }
}

struct CorpusDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the text of token ids.",
        discussion: """
            Examples:
              apus corpus decode ids.txt --tokenizer tokenizers/mine
              apus corpus encode notes.txt --tokenizer tokenizers/mine | apus corpus decode - --tokenizer tokenizers/mine
              apus corpus decode book.bin --raw uint16 --tokenizer tokenizers/mine > book.txt

            Ids are numbers with blanks or ends of lines between. Special tokens have no text without --special.
            """)

    @Argument(help: "A file, or - for standard input.") var file: String
    @OptionGroup var tokenizerOption: TokenizerOption
    @Flag(help: "Write the names of special tokens too.") var special = false
    @Option(help: "Read raw little-endian numbers instead of text: uint16 or uint32.") var raw: RawIDs?

    func run() throws {
        let tokenizer = try tokenizerOption.read()
        let input = try InputBytes(path: file)
        var rest: [UInt8] = []
        var offset = 0
        var isLast = false
        while !isLast {
            let read = try input.read(upTo: 1 << 20)
            isLast = read.isEmpty
            rest += read
            let (ids, used) = try IDText.ids(rest, raw, isLast: isLast, at: offset, of: file)
            try StandardOutput.write(try tokenizer.decode(ids, keepingSpecialTokens: special))
            rest.removeFirst(used)
            offset += used
        }
    }
}

/// Ids as bytes of a file, and back.
enum IDText {
    /// Numbers with blanks between, and the end of a line.
    static func text(_ ids: [Int32]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(6 * ids.count + 1)
        for id in ids {
            append(UInt32(bitPattern: id), to: &text)
            text.append(0x20)
        }
        if !text.isEmpty { text[text.count - 1] = 0x0A }
        return text
    }

    @inline(__always)
    private static func append(_ number: UInt32, to text: inout [UInt8]) {
        var divisor: UInt32 = 1
        while number / divisor >= 10 { divisor *= 10 }
        var rest = number
        while divisor > 0 {
            text.append(UInt8(truncatingIfNeeded: 0x30 + rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Little-endian numbers.
    static func raw(_ ids: [Int32], _ kind: RawIDs) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(kind.bytes * ids.count)
        for id in ids {
            for byte in 0..<kind.bytes { bytes.append(UInt8(truncatingIfNeeded: id >> (8 * Int32(byte)))) }
        }
        return bytes
    }

    /// The whole ids at the start of `bytes`, and the bytes that they take.
    /// Throws `Failure(.badData)` with the offset of what is no id.
    static func ids(
        _ bytes: [UInt8], _ kind: RawIDs?, isLast: Bool, at offset: Int, of file: String
    ) throws -> (ids: [Int32], used: Int) {
        guard let kind else { return try numbers(bytes, isLast: isLast, at: offset, of: file) }
        let count = bytes.count / kind.bytes
        if isLast, count * kind.bytes != bytes.count {
            throw Failure(.badData, "\(file) ends inside of an id: its size is no multiple of \(kind.bytes) bytes.")
        }
        let ids = (0..<count).map { index in
            (0..<kind.bytes).reduce(UInt32(0)) { $0 | UInt32(bytes[index * kind.bytes + $1]) << (8 * UInt32($1)) }
        }
        return (ids.map(Int32.init(bitPattern:)), count * kind.bytes)
    }

    private static func numbers(
        _ bytes: [UInt8], isLast: Bool, at offset: Int, of file: String
    ) throws -> (ids: [Int32], used: Int) {
        var ids: [Int32] = []
        var used = 0
        var number: Int32?
        for (position, byte) in bytes.enumerated() {
            if (0x30...0x39).contains(byte), (number ?? 0) < 100_000_000 {
                number = (number ?? 0) * 10 + Int32(byte - 0x30)
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                if let id = number { ids.append(id) }
                number = nil
                used = position + 1
            } else {
                throw Failure(
                    .badData,
                    "\(file) has something else than token ids at byte \(offset + position); give numbers with blanks "
                        + "between, or --raw.")
            }
        }
        guard isLast else { return (ids, used) }
        if let id = number { ids.append(id) }
        return (ids, bytes.count)
    }
}
