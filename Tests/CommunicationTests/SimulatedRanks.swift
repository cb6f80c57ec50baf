import Communication
import Foundation
import Synchronization
import Tensors

/// Ranks in one process: each is a thread with its own `Communicator`, and all of them share one mailbox.
enum SimulatedRanks {
    /// Runs `body` once per rank, all at once, and gives the results in the order of ranks.
    static func run<Result: Sendable>(
        _ ranks: Int, _ body: @escaping @Sendable (SimulatedRank) throws -> Result
    ) throws -> [Result] {
        let group = Group(ranks: ranks)
        let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
        let threads = DispatchGroup()
        for rank in 0..<ranks {
            threads.enter()
            Thread {
                let result = Swift.Result { try body(SimulatedRank(rank: rank, group: group)) }
                if case .failure = result { group.fail() }
                results.withLock { $0[rank] = result }
                threads.leave()
            }.start()
        }
        threads.wait()
        return try results.withLock { all in try (0..<ranks).compactMap { try all[$0]?.get() } }
    }

    /// What the ranks share: messages on their way, and values that all ranks bring together.
    final class Group: Sendable {
        fileprivate struct Address: Hashable {
            let from, to, tag: Int
        }

        private struct State {
            var messages: [Address: [[Float]]] = [:]
            var brought: [Int: [Float]] = [:]
            var rounds = 0
            var gathered: [[Float]] = []
            var hasFailed = false
        }

        let ranks: Int
        private let condition = NSCondition()
        nonisolated(unsafe) private var state = State()

        init(ranks: Int) { self.ranks = ranks }

        fileprivate func send(_ values: [Float], to address: Address) {
            condition.lock()
            state.messages[address, default: []].append(values)
            condition.broadcast()
            condition.unlock()
        }

        /// Wakes all that wait: what they wait for will not come.
        fileprivate func fail() {
            condition.lock()
            state.hasFailed = true
            condition.broadcast()
            condition.unlock()
        }

        private func wait() throws {
            guard !state.hasFailed else { throw PeerFailed() }
            condition.wait()
        }

        fileprivate func receive(_ address: Address) throws -> [Float] {
            condition.lock()
            defer { condition.unlock() }
            while true {
                if var waiting = state.messages[address], !waiting.isEmpty {
                    let first = waiting.removeFirst()
                    state.messages[address] = waiting
                    return first
                }
                try wait()
            }
        }

        /// Every rank's values, in the order of ranks, once all have brought theirs.
        fileprivate func gather(_ values: [Float], from rank: Int) throws -> [[Float]] {
            condition.lock()
            defer { condition.unlock() }
            let round = state.rounds
            state.brought[rank] = values
            if state.brought.count == ranks {
                state.gathered = (0..<ranks).map { state.brought[$0] ?? [] }
                state.brought = [:]
                state.rounds += 1
                condition.broadcast()
            }
            // Nobody can finish the next round before this rank has joined it, so `gathered` stays this round's.
            while state.rounds == round { try wait() }
            return state.gathered
        }

        /// Messages that nobody has received.
        var messagesLeft: Int {
            condition.lock()
            defer { condition.unlock() }
            return state.messages.values.reduce(0) { $0 + $1.count }
        }
    }
}

/// One of them. It counts what it sends: a part that it owns goes once to every other rank.
final class SimulatedRank: Communicator {
    let rank: Int
    private let group: SimulatedRanks.Group
    private(set) var floatsSent = 0
    private(set) var messagesSent = 0

    init(rank: Int, group: SimulatedRanks.Group) {
        self.rank = rank
        self.group = group
    }

    var ranks: Int { group.ranks }
    /// Messages of all ranks that nobody has received.
    var messagesLeft: Int { group.messagesLeft }

    func barrier() throws { _ = try group.gather([], from: rank) }

    func allGather<Value: BitwiseCopyable>(_ values: [Value]) -> [[Value]] {
        preconditionFailure("the reduction gathers floats only")
    }

    func broadcast(_ floats: Floats, from root: Int) throws {
        floats.copy(from: try group.gather(rank == root ? floats.array : [], from: rank)[root])
    }

    func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8] {
        try group.gather(rank == root ? bytes.map(Float.init) : [], from: rank)[root].map { UInt8($0) }
    }

    func exchange(sends: [Message], receives: [Message]) throws {
        for message in sends {
            floatsSent += message.floats.count
            messagesSent += 1
            group.send(message.floats.array, to: .init(from: rank, to: message.peer, tag: message.tag))
        }
        for message in receives {
            let values = try group.receive(.init(from: message.peer, to: rank, tag: message.tag))
            guard values.count == message.floats.count else {
                throw SizeMismatch(expected: message.floats.count, received: values.count)
            }
            message.floats.copy(from: values)
        }
    }

    func allGather(_ floats: Floats, parts: [Range<Int>]) throws {
        floatsSent += parts[rank].count * (ranks - 1)
        let all = try group.gather(floats[parts[rank]].array, from: rank)
        for (part, values) in zip(parts, all) { floats[part].copy(from: values) }
    }

    func sumInPlace(_ floats: Floats) throws {
        let all = try group.gather(floats.array, from: rank)
        for index in 0..<floats.count { floats[index] = all.reduce(0) { $0 + $1[index] } }
    }
}

/// A message that does not fit where its receiver wants it.
struct SizeMismatch: Error {
    let expected, received: Int
}

/// Another rank threw.
struct PeerFailed: Error {}
