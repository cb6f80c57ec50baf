import Communication
import Experiment
import SimulatedRanks
import Testing

@testable import Training

/// What ranks do together, or fail at together.
@Suite("Agreement")
struct AgreementTests {
    @Test("every rank has what came of it on all of them")
    func values() throws {
        let all = try SimulatedRanks.run(3) { link in
            try link.together { link.rank == 1 ? nil : String(repeating: "é", count: link.rank) }
        }
        #expect(all == Array(repeating: ["", nil, "éé"], count: 3))
    }

    @Test("a failure of one rank is every rank's, and of two that of the first")
    func failures() throws {
        let all = try SimulatedRanks.run(4) { link in
            do {
                _ = try link.together {
                    if link.rank % 2 == 1 { throw Failure(.badData, "rank \(link.rank)") }
                    return 1
                }
                return "none"
            } catch let failure as Failure {
                return "\(failure.code) \(failure.message)"
            }
        }
        #expect(all == Array(repeating: "badData rank 1", count: 4))
    }
}
