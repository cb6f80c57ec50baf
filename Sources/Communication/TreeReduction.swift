import Experiment
import Foundation
import Tensors

/// Sums slot gradients over all ranks along the fixed tree, as a reduce-scatter: each rank gets the sum over its own
/// shards. The bits do not depend on the number of ranks or hosts: every addition of the tree is made once for an
/// element, by whoever has both sides.
///
/// Ranks of one host share memory: each reads its neighbours' partials where they are, and the parameters are there
/// once. Between hosts a host's ranks add up what they have of a shard and one of them sends it, bucket by bucket while
/// backward still runs below.
public final class TreeReduction<Link: Communicator> {
    private let link: Link
    private let kernels: Kernels
    public let tree: SlotTree
    public let shards: Shards
    private let order: Order
    private let groups: RankGroups
    private let memory: RankMemory
    /// This rank's group, and its place there.
    private let group: Int
    private let member: Int
    /// Hosts whose ranks should share memory and cannot, for the person who launched.
    public let notice: String?

    private let traffic: Traffic
    /// What other groups send for the own shards, one arena per partial of theirs.
    let received: [Arena]
    /// The tree from the partials of this group's members and of other groups to the root; and to each of the partials
    /// that this group sends.
    private let toRoot: TreeProgram
    private let toSend: [TreeProgram]
    private let registers: Arena
    /// What this rank owns, bucket after bucket.
    private let ownShards: [Range<Int>]
    /// The operands of programs: the members' partials, read at a range of the arena, and what was received for the own
    /// shards, read from the shard's own place.
    private let ofMembers: [Floats]
    private var ofOthers: [Floats]

    /// Steps that were begun, buckets that are final in this step, and buckets that were sent.
    private var epoch = 0
    private var published = 0
    private var sent = 0

    /// Whose order of additions: the fixed tree's, or the message library's (a yardstick: its bits depend on the ranks).
    public enum Order: Sendable {
        case tree
        case library
    }

    /// All ranks come together here: they agree on who shares memory.
    public init(link: Link, tree: SlotTree, shards: Shards, kernels: Kernels, order: Order = .tree) throws {
        precondition(link.ranks <= tree.slots, "more ranks than slots")
        precondition(shards.ranks == link.ranks, "shards for another number of ranks")
        self.link = link
        self.kernels = kernels
        self.tree = tree
        self.shards = shards
        self.order = order
        let subtrees = (0..<link.ranks).map { tree.maximalSubtrees(in: tree.leaves(rank: $0, ranks: link.ranks)) }
        ownPartials = subtrees[link.rank]

        let setup = try Self.shareMemory(link: link, partials: subtrees.map(\.count), arenaCount: shards.arenaCount)
        (groups, memory, notice) = (setup.groups, setup.memory, setup.notice)
        group = groups.groupOfRank[link.rank]
        member = groups.members[group].firstIndex(of: link.rank) ?? 0
        let partialsOfGroup = groups.partials(of: tree)
        traffic = Traffic(
            rank: link.rank, groups: groups, shards: shards, partialsOfGroup: partialsOfGroup.map(\.count))
        let own = groups.members[group].flatMap { subtrees[$0] }
        let others = groups.members.indices.filter { $0 != setup.groups.groupOfRank[link.rank] }
        toRoot = TreeProgram(tree.root, operands: own + others.flatMap { partialsOfGroup[$0] })
        toSend = partialsOfGroup[group].map { TreeProgram($0, operands: own) }
        let foreign = order == .tree ? others.reduce(0) { $0 + partialsOfGroup[$1].count } : 0
        received = (0..<foreign).map { _ in Arena(count: max(1, shards.ownedCount(by: link.rank))) }
        ownShards = shards.owned(by: link.rank).reversed()
        let most = max(toRoot.registers, toSend.map(\.registers).max() ?? 0)
        partials = setup.memory.partials[member]
        registers = Arena(count: max(1, most) * Self.strip)
        ofMembers = Array(setup.memory.partials.joined())
        ofOthers = received.map(\.floats)
    }

    /// Floats that a program adds at a time, so that its registers stay in the cache.
    private static var strip: Int { 4_096 }

    /// [arena]; one copy for all ranks that share memory. `shareParameters` makes what owners wrote everybody's.
    public var parameters: Floats { memory.parameters }
    /// The subtrees whose sums this rank brings, left to right.
    public let ownPartials: [SlotRange]
    /// Where it brings them. After `finish` the first one holds, over this rank's shards, the sums over all slots.
    public let partials: [Floats]
    /// Whether this rank is the one of those that share its memory who writes what all have equal.
    public var isFirstOfGroup: Bool { member == 0 }
    /// Ranks that share this one's memory, itself included.
    public var ranksSharingMemory: Int { groups.members[group].count }
    /// Bytes that this rank sends in a step, gradients and parameters together.
    public var bytesSent: Int { traffic.floatsSent * MemoryLayout<Float>.stride }
    /// Of those, the bytes of the last step whose sending began while backward still ran.
    public private(set) var bytesBegunInBackward = 0
    /// Messages that this rank sends in a step.
    public var messagesSent: Int { traffic.messagesSent }

    // MARK: - The steps of a reduction

    /// Before the first gradient of a step: makes room for what others send.
    public func begin() throws {
        epoch += 1
        published = 0
        sent = 0
        bytesBegunInBackward = 0
        guard order == .tree else { return }
        for item in traffic.gradientsReceived {
            try link.startReceiving(
                Message(peer: item.peer, tag: item.tag, floats: received[item.received].floats[item.place]))
        }
    }

    /// From `offset` to the end of the arena this rank's partials are final: what that completes is sent at once.
    public func offer(from offset: Int) throws {
        let buckets = shards.buckets
        while published < buckets.count, buckets[published].lowerBound >= offset { published += 1 }
        memory.publish(target(published), member: member)
        guard order == .tree, groups.members.count > 1 else { return }
        try sendReadyBuckets()
        try link.progress()
    }

    /// All partials are final. When it returns, the sums are there, and nobody reads this rank's partials any more
    /// once all ranks have returned.
    public func finish() throws {
        try offer(from: 0)
        guard order == .tree else { return try sumInLibraryOrder() }
        while sent < shards.buckets.count {
            try sendReadyBuckets()
            try link.progress()
            sched_yield()
        }
        try link.completeMessages()
        guard !toRoot.additions.isEmpty else { return }
        var place = 0
        for shard in ownShards {
            for (index, arena) in received.enumerated() {
                ofOthers[index] = arena.floats[place..<(place + shard.count)]
            }
            sum(toRoot, over: shard, into: partials[0][shard])
            place += shard.count
        }
    }

    /// Every rank has written its own shards of the parameters; afterwards all ranks have all of them.
    public func shareParameters() throws {
        for item in traffic.parametersReceived {
            try link.startReceiving(Message(peer: item.peer, tag: item.tag, floats: parameters[item.place]))
        }
        for item in traffic.parametersSent {
            try link.startSending(Message(peer: item.peer, tag: item.tag, floats: parameters[item.place]))
        }
        try link.completeMessages()
        if ranksSharingMemory > 1 { try link.hostBarrier() }
    }

    /// What a member has published when `count` buckets of this step are final.
    private func target(_ count: Int) -> Int { epoch * (shards.buckets.count + 1) + count }

    /// Sends the buckets that all members have finished.
    private func sendReadyBuckets() throws {
        while sent < published, memory.allPublished(target(sent + 1)) {
            for item in traffic.gradientsSent[sent] {
                let program = toSend[item.tag]
                guard let first = program.firstOperand else { preconditionFailure("a program without operands") }
                // Written over an operand: of this shard nobody else on this host needs it any more.
                let floats = ofMembers[first][item.place]
                sum(program, over: item.place, into: floats)
                try link.startSending(Message(peer: item.peer, tag: item.tag, floats: floats))
                if published < shards.buckets.count {
                    bytesBegunInBackward += floats.count * MemoryLayout<Float>.stride
                }
            }
            sent += 1
        }
    }

    // MARK: - Additions

    /// Runs a program over a range of the arena, a strip at a time; `result` may be one of its operands there.
    private func sum(_ program: TreeProgram, over range: Range<Int>, into result: Floats) {
        for start in stride(from: 0, to: range.count, by: Self.strip) {
            let strip = start..<min(start + Self.strip, range.count)
            for (index, addition) in program.additions.enumerated() {
                let isLast = index == program.additions.count - 1
                kernels.sum(
                    value(addition.left, strip, of: range), value(addition.right, strip, of: range),
                    into: isLast ? result[strip] : register(addition.register, strip.count))
            }
        }
    }

    private func value(_ place: TreeProgram.Place, _ strip: Range<Int>, of range: Range<Int>) -> Floats {
        switch place {
        case .register(let register): self.register(register, strip.count)
        case .operand(let operand) where operand < ofMembers.count: ofMembers[operand][range][strip]
        case .operand(let operand): ofOthers[operand - ofMembers.count][strip]
        }
    }

    private func register(_ index: Int, _ count: Int) -> Floats {
        registers.floats[(index * Self.strip)..<(index * Self.strip + count)]
    }

    private func sumInLibraryOrder() throws {
        for partial in partials.dropFirst() { kernels.add(partial, to: partials[0]) }
        for bucket in shards.buckets { try link.sumInPlace(partials[0][bucket]) }
    }
}

// MARK: - Who shares memory

extension TreeReduction {
    private static func shareMemory(
        link: Link, partials: [Int], arenaCount: Int
    ) throws -> (groups: RankGroups, memory: RankMemory, notice: String?) {
        let hosts = RankGroups(marks: link.firstOnHosts)
        let ranks = hosts.members[hosts.groupOfRank[link.rank]]
        var shared: (segments: [Floats], owner: AnyObject)?
        var reason = ""
        if ranks.count > 1 {
            let count = RankMemory.segmentCount(
                isFirst: ranks[0] == link.rank, partials: partials[link.rank], arenaCount: arenaCount)
            switch try link.shareMemory(count: count) {
            case .segments(let segments, let owner): shared = (segments, owner)
            case .unavailable(let why): reason = why
            }
        }
        let groups = RankGroups(marks: try link.allGather([shared == nil ? link.rank : ranks[0]]).map { $0[0] })
        let padding = [UInt8](repeating: 0, count: max(0, 256 - reason.utf8.count))
        let reasons = try link.allGather(Array(reason.utf8.prefix(256)) + padding)
        let without = reasons.indices.filter { reasons[$0][0] != 0 }
        let notice = without.first.map { rank in
            "Ranks \(without.map(String.init).joined(separator: ", ")) cannot share memory with others of their host: "
                + String(decoding: reasons[rank].prefix { $0 != 0 }, as: UTF8.self)
                + ". They send messages instead: the same bits, more memory, more time."
        }
        let memory =
            shared.map {
                RankMemory(
                    segments: $0.segments, owner: $0.owner, partials: ranks.map { partials[$0] }, arenaCount: arenaCount
                )
            } ?? RankMemory(partials: partials[link.rank], arenaCount: arenaCount)
        return (groups, memory, notice)
    }
}
