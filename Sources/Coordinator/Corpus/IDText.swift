import ArgumentParser
import Experiment

/// How ids are stored in a raw file: little-endian, unsigned.
enum RawIDs: String, ExpressibleByArgument, CaseIterable {
    case uint16, uint32

    var bytes: Int { self == .uint16 ? 2 : 4 }
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
