import Experiment
import Testing

@testable import Corpus

@Suite("Held-out split")
struct HeldOutSplitTests {
    @Test("about 5 % of many units is held out")
    func share() throws {
        let hashes = (0..<20_000).map { HeldOutSplit.hash(Array("unit \($0)".utf8)) }
        let split = try HeldOutSplit(hashes: hashes)
        let heldOut = hashes.count { split.side(of: $0) == .heldOut }
        // 1,000 expected, standard deviation 31: five of them.
        #expect((845...1155).contains(heldOut))
    }

    @Test("the hash is the same in every version and on every machine")
    func pinned() {
        #expect(HeldOutSplit.hash(Array("apus".utf8)) == 14_192_704_641_856_994_308)
    }

    @Test("both sides have a unit, however the hashes fall")
    func bothSides() throws {
        for hashes: [UInt64] in [[.max, .max - 1], [0, 1], [5, 5, 6], [0, .max], [.max - 3, .max, .max]] {
            let split = try HeldOutSplit(hashes: hashes)
            #expect(Set(hashes.map(split.side)).count == 2, "\(hashes)")
        }
    }

    @Test("one unit, or copies of one, cannot be split")
    func single() {
        expectFailure(.badData, "give more text") { _ = try HeldOutSplit(hashes: [7]) }
        expectFailure(.badData, "give more text") { _ = try HeldOutSplit(hashes: [7, 7, 7]) }
    }
}
