import Tensors

/// A group of ranks that work on one run. Two real ones: MPI's, and one process by itself.
public protocol Communicator: AnyObject {
    var rank: Int { get }
    var ranks: Int { get }
    /// The first rank on the host of every rank; equal numbers are one host.
    var firstOnHosts: [Int] { get }

    /// Returns when all ranks have called it.
    func barrier() throws
    /// Returns when all ranks of this host have called it.
    func hostBarrier() throws
    /// Every rank's values, in rank order, into `all`; all ranks bring equally many. Allocates nothing.
    func allGather<Value: BitwiseCopyable>(_ values: [Value], into all: inout [Value]) throws
    /// Rank `root`'s floats go to all.
    func broadcast(_ floats: Floats, from root: Int) throws
    /// A barrier at which ranks sleep, for measurements of one rank alone; may take a millisecond longer.
    func idleBarrier() throws
    /// Rank `root`'s bytes go to all, who need not know how many they are.
    func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8]
    /// Sends `bytes` to one rank while another's arrive in `incoming`, as many as it holds; nil for nobody. Returns when both
    /// are done. No call pairs up with `startSending` and `startReceiving`.
    func exchange(_ bytes: [UInt8], to receiver: Int?, into incoming: inout [UInt8], from sender: Int?) throws
    /// Sum over the ranks in the communicator's own order: a yardstick, whose bits depend on the number of ranks.
    func sumInPlace(_ floats: Floats) throws

    /// Begins to send, and to receive; both end with `completeMessages`, and until then the floats are not touched.
    /// Between two ranks, messages match by tag.
    func startSending(_ message: Message) throws
    func startReceiving(_ message: Message) throws
    /// Moves what is under way, without waiting.
    func progress() throws
    /// Returns when all messages that were begun are done.
    func completeMessages() throws

    /// Memory that the ranks of this host see. All of them call it, and none waits for other hosts.
    /// - Parameter count: floats that this rank brings.
    func shareMemory(count: Int) throws -> SharedMemory
}

extension Communicator {
    /// Every rank's values, in rank order; all ranks bring equally many.
    public func allGather<Value: BitwiseCopyable>(_ values: [Value]) throws -> [[Value]] {
        guard let first = values.first else { return Array(repeating: [], count: ranks) }
        var all = [Value](repeating: first, count: ranks * values.count)
        try allGather(values, into: &all)
        return (0..<ranks).map { Array(all[($0 * values.count)..<(($0 + 1) * values.count)]) }
    }

    /// Starts all messages and returns when all are done.
    public func exchange(sends: [Message], receives: [Message]) throws {
        for message in receives { try startReceiving(message) }
        for message in sends { try startSending(message) }
        try completeMessages()
    }
}

extension Communicator {
    public func idleBarrier() throws { try barrier() }
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

/// What came of asking for memory that a host's ranks share.
public enum SharedMemory {
    /// One segment for each rank of the host, in their order, zeroed, on pages of its own; there as long as `owner` is.
    case segments([Floats], owner: AnyObject)
    /// The host gives none; why, as part of a sentence.
    case unavailable(String)
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
    public let firstOnHosts = [0]

    public init() {}

    public func barrier() {}
    public func hostBarrier() {}
    public func allGather<Value: BitwiseCopyable>(_ values: [Value], into all: inout [Value]) {
        precondition(all.count == values.count, "room for one rank's values")
        for index in values.indices { all[index] = values[index] }
    }
    public func broadcast(_ floats: Floats, from root: Int) {}
    public func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8] { bytes }
    public func exchange(_ bytes: [UInt8], to receiver: Int?, into incoming: inout [UInt8], from sender: Int?) {
        precondition(receiver == nil && sender == nil, "one process has no peers")
    }
    public func sumInPlace(_ floats: Floats) {}
    public func startSending(_ message: Message) { preconditionFailure("one process has no peers") }
    public func startReceiving(_ message: Message) { preconditionFailure("one process has no peers") }
    public func progress() {}
    public func completeMessages() {}
    public func shareMemory(count: Int) -> SharedMemory { preconditionFailure("one process has nobody to share with") }
}
