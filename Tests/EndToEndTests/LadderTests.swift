import Experiment
import Foundation
import Testing

@testable import Coordinator

/// The quickstart's ladder, without training it.
@Suite struct LadderTests {
    private func runs(_ ladder: Ladder) throws -> [SweepRun] {
        try ladder.sweep().plan(vocabulary: 257, source: "test").runs
    }

    @Test("the ladder has at least 4 sizes and 3 lengths, every run with its own schedule", arguments: [true, false])
    func shape(isText: Bool) throws {
        let runs = try runs(isText ? Ladder.text(["/texts/with space"]) : Ladder.calibration())
        #expect(Set(runs.map(\.config.model.width)).count >= 4)
        #expect(Set(runs.map(\.config.steps)).count >= 3)
        #expect(runs.count == Set(runs.map(\.name)).count)
        #expect(runs.allSatisfy { $0.config.schedule.kind == .cosine && $0.config.slots >= 2 })
        #expect(runs.map(\.flops) == runs.map(\.flops).sorted())
        #expect(isText == (runs[0].config.corpus.paths == ["/texts/with space"]))
    }

    @Test("no run of the calibration ladder sees a token twice")
    func freshTokens() throws {
        let runs = try runs(Ladder.calibration())
        #expect(runs.allSatisfy { $0.config.totalTokens < $0.config.corpus.calibration?.tokens ?? 0 })
    }

    @Test("a run's configuration, written and read again, is the same run")
    func roundTrip() throws {
        for run in try runs(Ladder.calibration()) {
            let again = try RunConfig(yaml: run.config.yaml, source: "again", folder: URL(fileURLWithPath: "/"))
            #expect(again.hash == run.config.hash)
        }
    }
}
