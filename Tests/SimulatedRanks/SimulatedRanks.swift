import Communication
import Foundation
import Synchronization
import Tensors

/// Ranks in one process: each is a thread with its own `Communicator`, and all of them share one mailbox.
package enum SimulatedRanks {
    /// Runs `body` once per rank, all at once, and gives the results in the order of ranks.
    /// - Parameters:
    ///   - hosts: a mark per rank, equal ones are one host; nil for a host of its own for each.
    ///   - shares: whether hosts have room for shared memory.
    package static func run<Result: Sendable>(
        _ ranks: Int, hosts: [Int]? = nil, shares: Bool = true,
        _ body: @escaping @Sendable (SimulatedRank) throws -> Result
    ) throws -> [Result] {
        let group = Group(hosts: hosts ?? Array(0..<ranks), shares: shares)
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
    package final class Group: Sendable {
        fileprivate struct Address: Hashable {
            let from, to, tag: Int
        }

        /// What some ranks bring together.
        private struct Round {
            var brought: [Int: [Float]] = [:]
            var number = 0
            var gathered: [[Float]] = []
        }

        private struct State {
            var messages: [Address: [[Float]]] = [:]
            /// One round of all ranks, under -1, and one of each host.
            var rounds: [Int: Round] = [:]
            var segments: [Int: Arena] = [:]
            var hasFailed = false
        }

        let firstOnHosts: [Int]
        let shares: Bool
        private let condition = NSCondition()
        nonisolated(unsafe) private var state = State()

        init(hosts: [Int], shares: Bool) {
            firstOnHosts = hosts.map { mark in hosts.firstIndex(of: mark) ?? 0 }
            self.shares = shares
        }

        var ranks: Int { firstOnHosts.count }

        fileprivate func host(of rank: Int) -> [Int] {
            firstOnHosts.indices.filter { firstOnHosts[$0] == firstOnHosts[rank] }
        }

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

        fileprivate func check() throws {
            condition.lock()
            defer { condition.unlock() }
            if state.hasFailed { throw PeerFailed() }
        }

        /// The values of some ranks, in their order, once all of them have brought theirs.
        /// - Parameter host: of these ranks only; nil for all.
        fileprivate func gather(_ values: [Float], from rank: Int, host: Bool = false) throws -> [[Float]] {
            condition.lock()
            defer { condition.unlock() }
            let key = host ? firstOnHosts[rank] : -1
            let members = host ? self.host(of: rank) : Array(0..<ranks)
            var round = state.rounds[key] ?? Round()
            let number = round.number
            round.brought[rank] = values
            if round.brought.count == members.count {
                round.gathered = members.map { round.brought[$0] ?? [] }
                round.brought = [:]
                round.number += 1
                condition.broadcast()
            }
            state.rounds[key] = round
            // Nobody can finish the next round before this rank has joined it, so `gathered` stays this round's.
            while state.rounds[key]?.number == number { try wait() }
            return state.rounds[key]?.gathered ?? []
        }

        /// The segments of a rank's host.
        fileprivate func share(count: Int, from rank: Int) throws -> [Floats] {
            condition.lock()
            state.segments[rank] = Arena(count: count)
            condition.unlock()
            _ = try gather([], from: rank, host: true)
            condition.lock()
            defer { condition.unlock() }
            return host(of: rank).compactMap { state.segments[$0]?.floats }
        }

        /// Messages that nobody has received.
        var messagesLeft: Int {
            condition.lock()
            defer { condition.unlock() }
            return state.messages.values.reduce(0) { $0 + $1.count }
        }
    }
}

/// One of them. It counts what it sends.
package final class SimulatedRank: Communicator {
    package let rank: Int
    private let group: SimulatedRanks.Group
    package private(set) var floatsSent = 0
    package private(set) var messagesSent = 0
    /// By `exchange` of bytes.
    package private(set) var bytesSent = 0

    init(rank: Int, group: SimulatedRanks.Group) {
        self.rank = rank
        self.group = group
    }

    package var ranks: Int { group.ranks }
    package var firstOnHosts: [Int] { group.firstOnHosts }
    /// Messages of all ranks that nobody has received.
    package var messagesLeft: Int { group.messagesLeft }
    private var expected: [Message] = []

    package func barrier() throws { _ = try group.gather([], from: rank) }
    package func hostBarrier() throws { _ = try group.gather([], from: rank, host: true) }

    package func allGather<Value: BitwiseCopyable>(_ values: [Value], into all: inout [Value]) throws {
        let floats = values.withUnsafeBytes { bytes in bytes.map { Float($0) } }
        let bytes = try group.gather(floats, from: rank).joined().map { UInt8($0) }
        all.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    package func broadcast(_ floats: Floats, from root: Int) throws {
        floats.copy(from: try group.gather(rank == root ? floats.array : [], from: rank)[root])
    }

    package func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8] {
        try group.gather(rank == root ? bytes.map(Float.init) : [], from: rank)[root].map { UInt8($0) }
    }

    package func exchange(
        _ bytes: [UInt8], to receiver: Int?, into incoming: inout [UInt8], from sender: Int?
    ) throws {
        if let receiver {
            bytesSent += bytes.count
            group.send(bytes.map(Float.init), to: .init(from: rank, to: receiver, tag: -1))
        }
        guard let sender else { return }
        let values = try group.receive(.init(from: sender, to: rank, tag: -1))
        guard values.count == incoming.count else {
            throw SizeMismatch(expected: incoming.count, received: values.count)
        }
        for index in values.indices { incoming[index] = UInt8(values[index]) }
    }

    package func sumInPlace(_ floats: Floats) throws {
        let all = try group.gather(floats.array, from: rank)
        for index in 0..<floats.count { floats[index] = all.reduce(0) { $0 + $1[index] } }
    }

    package func startSending(_ message: Message) throws {
        floatsSent += message.floats.count
        messagesSent += 1
        group.send(message.floats.array, to: .init(from: rank, to: message.peer, tag: message.tag))
    }

    package func startReceiving(_ message: Message) { expected.append(message) }

    package func progress() throws { try group.check() }

    package func completeMessages() throws {
        for message in expected {
            let values = try group.receive(.init(from: message.peer, to: rank, tag: message.tag))
            guard values.count == message.floats.count else {
                throw SizeMismatch(expected: message.floats.count, received: values.count)
            }
            message.floats.copy(from: values)
        }
        expected.removeAll()
    }

    /// Of this host alone: a call that waited for others would come into their rounds.
    package func shareMemory(count: Int) throws -> SharedMemory {
        guard group.shares else {
            try hostBarrier()
            return .unavailable("there is no room")
        }
        return .segments(try group.share(count: count, from: rank), owner: group)
    }
}

/// A message that does not fit where its receiver wants it.
package struct SizeMismatch: Error {
    let expected, received: Int
}

/// Another rank threw.
package struct PeerFailed: Error {}
