import CMPI
import Tensors

/// What the ranks of a group work on: one copy of the parameters, and every member's partial gradients. Segments that
/// all of them see, or the arenas of a rank that is alone.
final class RankMemory {
    /// [arena]
    let parameters: Floats
    /// Partial gradients of each member.                                        [member][partial] of [arena]
    let partials: [[Floats]]
    /// Keeps the memory.
    private let owner: AnyObject
    /// A number that each member tells the others.
    private let flags: [UnsafeMutablePointer<Int>]

    /// A page: flags of members lie on pages of their own, and arenas begin on pages.
    private static let flagFloats = 1_024

    /// A rank alone, with memory of its own.
    init(partials: Int, arenaCount: Int) {
        let arenas = (0...partials).map { _ in Arena(count: arenaCount) } + [Arena(count: Self.flagFloats)]
        owner = Arenas(arenas)
        parameters = arenas[0].floats
        self.partials = [arenas[1...partials].map(\.floats)]
        flags = [Self.flag(in: arenas[partials + 1].floats)]
    }

    /// Members that share memory.
    /// - Parameters:
    ///   - segments: one per member, of `segmentCount` floats.
    ///   - owner: keeps them.
    ///   - partials: of each member.
    init(segments: [Floats], owner: AnyObject, partials: [Int], arenaCount: Int) {
        self.owner = owner
        flags = segments.map(Self.flag)
        parameters = segments[0][Self.flagFloats..<(Self.flagFloats + arenaCount)]
        self.partials = segments.indices.map { member in
            let first = Self.flagFloats + (member == 0 ? arenaCount : 0)
            return (0..<partials[member]).map { partial in
                let start = first + partial * arenaCount
                return segments[member][start..<(start + arenaCount)]
            }
        }
    }

    /// Floats that a member brings to shared memory: its flag, its partials, and the first one the parameters.
    static func segmentCount(isFirst: Bool, partials: Int, arenaCount: Int) -> Int {
        flagFloats + (partials + (isFirst ? 1 : 0)) * arenaCount
    }

    private final class Arenas {
        let all: [Arena]
        init(_ all: [Arena]) { self.all = all }
    }

    private static func flag(in floats: Floats) -> UnsafeMutablePointer<Int> {
        UnsafeMutableRawPointer(floats.base).assumingMemoryBound(to: Int.self)
    }

    /// Tells the other members that what this one wrote up to now is theirs to read.
    func publish(_ number: Int, member: Int) { apus_publish(flags[member], number) }

    /// Whether every member has published `number` or more.
    func allPublished(_ number: Int) -> Bool { flags.allSatisfy { apus_published($0) >= number } }
}
