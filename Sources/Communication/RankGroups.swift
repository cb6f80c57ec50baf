import Experiment

/// Which ranks work on one memory: those of a host that share memory, or a rank by itself.
struct RankGroups {
    /// The ranks of each group, ascending; groups by their first rank.
    let members: [[Int]]
    /// The group of every rank.
    let groupOfRank: [Int]

    /// - Parameter marks: one per rank; equal marks are one group.
    init(marks: [Int]) {
        var members: [[Int]] = []
        var groups: [Int: Int] = [:]
        for (rank, mark) in marks.enumerated() {
            if let group = groups[mark] {
                members[group].append(rank)
            } else {
                groups[mark] = members.count
                members.append([rank])
            }
        }
        self.members = members
        groupOfRank = marks.map { groups[$0] ?? 0 }
    }

    /// The rank that leads a group in its traffic with rank `owner` of another one: it sends what the group has for the owner's
    /// shards, and receives the owner's parameters. The owner's place among its own group chooses, so that groups of
    /// one size talk in pairs.
    func leader(ofGroup group: Int, to owner: Int) -> Int {
        let place = members[groupOfRank[owner]].firstIndex(of: owner) ?? 0
        return members[group][place % members[group].count]
    }

    /// The owners in other groups with whom a rank leads its group's traffic, group by group.
    func owners(ledBy rank: Int) -> [Int] {
        let own = groupOfRank[rank]
        return members.indices.filter { $0 != own }.flatMap { members[$0] }.filter {
            leader(ofGroup: own, to: $0) == rank
        }
    }

    /// The subtrees whose sums each group has, when all members have added up their slots.
    func partials(of tree: SlotTree) -> [[SlotRange]] {
        let ranks = groupOfRank.count
        return members.map { group in
            tree.maximalSubtrees(in: group.map { tree.leaves(rank: $0, ranks: ranks) })
        }
    }
}

/// A subtree as a list of additions, in the tree's order, each made once: left plus right.
struct TreeProgram {
    /// Where a value is: with somebody who brings it, or in one of the program's registers.
    enum Place: Equatable {
        case operand(Int)
        case register(Int)
    }

    /// register = left + right
    struct Addition: Equatable {
        let left, right: Place
        let register: Int
    }

    let additions: [Addition]
    let result: Place
    /// Registers that it needs.
    let registers: Int

    /// - Parameter operands: nodes whose sums are there; together they cover `root`.
    init(_ root: SlotRange, operands: [SlotRange]) {
        var additions: [Addition] = []
        var registers = 0
        let places = Dictionary(zip(operands, operands.indices), uniquingKeysWith: { first, _ in first })
        func build(_ node: SlotRange, register: Int) -> Place {
            if let operand = places[node] { return .operand(operand) }
            precondition(node.count > 1, "slot \(node.low) is nobody's")
            let left = build(node.left, register: register)
            let right = build(node.right, register: left == .register(register) ? register + 1 : register)
            additions.append(Addition(left: left, right: right, register: register))
            registers = max(registers, register + 1)
            return .register(register)
        }
        result = build(root, register: 0)
        self.additions = additions
        self.registers = registers
    }

    /// The first operand that is read; the result may be written over it once all are read.
    var firstOperand: Int? {
        if case .operand(let operand) = result { return operand }
        for addition in additions {
            if case .operand(let operand) = addition.left { return operand }
        }
        return nil
    }
}
