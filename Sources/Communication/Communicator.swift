import Tensors

/// A group of ranks that work on one run. Two real ones: MPI's, and one process by itself.
public protocol Communicator: AnyObject {
    var rank: Int { get }
    var ranks: Int { get }

    /// Returns when all ranks have called it.
    func barrier() throws
    /// Every rank's values, in rank order; all ranks bring equally many.
    func allGather<Value: BitwiseCopyable>(_ values: [Value]) throws -> [[Value]]
    /// Rank `root`'s floats go to all.
    func broadcast(_ floats: Floats, from root: Int) throws
    /// Rank `root`'s bytes go to all, who need not know how many they are.
    func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8]
    /// Starts all messages and returns when all are done. Between two ranks, messages match by tag.
    func exchange(sends: [Message], receives: [Message]) throws
    /// Rank r brings `parts[r]` of `floats`; afterwards all ranks have all parts.
    func allGather(_ floats: Floats, parts: [Range<Int>]) throws
    /// Sum over the ranks in the communicator's own order: a yardstick, whose bits depend on the number of ranks.
    func sumInPlace(_ floats: Floats) throws
}

/// Floats to or from a peer.
public struct Message {
    public let peer: Int
    public let tag: Int
    public let floats: Floats

    public init(peer: Int, tag: Int, floats: Floats) {
        self.peer = peer
        self.tag = tag
        self.floats = floats
    }
}

/// A failed operation of a rank.
public struct CommunicationError: Error, CustomStringConvertible, Sendable {
    public let operation: String
    public let rank: Int
    public let reason: String

    package init(operation: String, rank: Int, reason: String) {
        self.operation = operation
        self.rank = rank
        self.reason = reason
    }

    public var description: String { "\(operation) failed on rank \(rank): \(reason)" }
}

/// One process by itself.
public final class OneProcess: Communicator {
    public let rank = 0
    public let ranks = 1

    public init() {}

    public func barrier() {}
    public func allGather<Value: BitwiseCopyable>(_ values: [Value]) -> [[Value]] { [values] }
    public func broadcast(_ floats: Floats, from root: Int) {}
    public func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8] { bytes }
    public func exchange(sends: [Message], receives: [Message]) {
        precondition(sends.isEmpty && receives.isEmpty, "one process has no peers")
    }
    public func allGather(_ floats: Floats, parts: [Range<Int>]) {}
    public func sumInPlace(_ floats: Floats) {}
}
