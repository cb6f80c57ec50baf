import Foundation

/// Owns a flat, zeroed array of floats, aligned to 64 bytes or more and on huge pages where the system offers them.
///
/// Views do not keep their arena alive, and Swift frees a local one after its last use by name: an arena that is no
/// stored property is held with `withExtendedLifetime` until its views are done with.
@safe
public final class Arena {
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int
    /// All of it.
    public let floats: Floats

    private static let hugePage = 2 << 20

    /// - Parameter count: floats, above 0.
    public init(count: Int) {
        precondition(count > 0, "an arena holds at least one float")
        let bytes = count * MemoryLayout<Float>.stride
        let slack = bytes >= Self.hugePage ? Self.hugePage : 0
        mappedBytes = bytes + slack
        guard
            let mapping = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapping != MAP_FAILED
        else { fatalError("out of memory: an arena of \(bytes) bytes cannot be had") }
        self.mapping = mapping
        let base = slack > 0 ? mapping.alignedUp(toMultipleOf: Self.hugePage) : mapping
        if slack > 0 { madvise(base, bytes, MADV_HUGEPAGE) }
        floats = Floats(base: base.bindMemory(to: Float.self, capacity: count), count: count)
    }

    deinit { munmap(mapping, mappedBytes) }

    public var count: Int { floats.count }
}

extension UnsafeMutableRawPointer {
    fileprivate func alignedUp(toMultipleOf alignment: Int) -> UnsafeMutableRawPointer {
        self + (alignment - Int(bitPattern: self) % alignment) % alignment
    }
}

/// Where a matrix or a vector lies in an arena: offset in floats, rows and columns.
public struct Region: Sendable, Equatable {
    public let offset: Int
    public let rows: Int
    public let columns: Int

    public init(offset: Int, rows: Int, columns: Int) {
        self.offset = offset
        self.rows = rows
        self.columns = columns
    }

    public var count: Int { rows * columns }
    public var range: Range<Int> { offset..<(offset + count) }
}

/// Lays regions out one after another, each aligned to 64 bytes.
public struct ArenaLayout: Sendable {
    /// Floats so far.
    public private(set) var count = 0

    public init() {}

    public mutating func reserve(rows: Int = 1, columns: Int) -> Region {
        let region = Region(offset: count, rows: rows, columns: columns)
        count += (region.count + 15) / 16 * 16
        return region
    }
}
