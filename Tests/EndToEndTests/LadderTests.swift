import Experiment
import Foundation
import Testing

@testable import Coordinator

/// The quickstart's ladder, without training it.
@Suite struct LadderTests {
    @Test("the ladder has at least 4 sizes and 3 lengths, every run with its own schedule", arguments: [true, false])
    func shape(isText: Bool) throws {
        let ladder = isText ? Ladder.text(["/texts/with space"]) : Ladder.calibration()
        let rungs = try ladder.rungs(below: URL(fileURLWithPath: "/runs"))
        #expect(Set(rungs.map(\.config.model.width)).count >= 4)
        #expect(Set(rungs.map(\.config.steps)).count >= 3)
        #expect(rungs.count == Set(rungs.map(\.config.name)).count)
        #expect(rungs.allSatisfy { $0.config.schedule.kind == .cosine && $0.config.slots >= 2 })
        #expect(rungs.map(\.cost) == rungs.map(\.cost).sorted())
        #expect(isText == (rungs[0].config.corpus.paths == ["/texts/with space"]))
    }

    @Test("no run of the calibration ladder sees a token twice")
    func freshTokens() throws {
        let rungs = try Ladder.calibration().rungs(below: URL(fileURLWithPath: "/runs"))
        #expect(rungs.allSatisfy { $0.config.totalTokens < $0.config.corpus.calibration?.tokens ?? 0 })
    }

    @Test("a rung's configuration, written and read again, is the same run")
    func roundTrip() throws {
        for rung in try Ladder.calibration().rungs(below: URL(fileURLWithPath: "/runs")) {
            let again = try RunConfig(yaml: rung.config.yaml, source: "again", folder: URL(fileURLWithPath: "/"))
            #expect(again.hash == rung.config.hash)
        }
    }
}
